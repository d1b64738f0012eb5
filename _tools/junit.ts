/**
 * Counts of tests, read from the JUnit report that each runtime's runner writes.
 *
 * @module
 */

/** How many tests ended how. */
export interface Counts {
  /** Tests that held. */
  passed: number;
  /** Tests that failed. */
  failed: number;
  /** Tests that weren't run. */
  skipped: number;
}

// A testcase with its attributes (whose values may hold a `>`), closed at once or with a body.
const TESTCASE = /<testcase(?:\s+[\w:.-]+="[^"]*")*\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g;

// Node reports a file without tests as a test that passed, under the file's name.
const EMPTY_FILE = /^<testcase name="[^"]*_test\.ts"/;

/** Counts the test cases of a JUnit report. */
export function countTests(report: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [testcase, body = ""] of report.matchAll(TESTCASE)) {
    if (/<(failure|error)\b/.test(body)) counts.failed++;
    else if (/<skipped\b/.test(body)) counts.skipped++;
    else if (!EMPTY_FILE.test(testcase)) counts.passed++;
  }
  return counts;
}

/** The line that a test run ends with. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed` + (skipped > 0 ? `, ${skipped} skipped` : "");
}
