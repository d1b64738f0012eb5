import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { closingLine, countTests } from "../../_tools/junit.ts";

describe("countTests()", () => {
  it("counts test cases however they are written", () => {
    const report = `<testsuites tests="9">
      <testsuite name="outer" failures="1">
        <testcase name="a > b" time="0.1"/>
        <testcase name="c" time="0.1">
        </testcase>
        <testsuite name="inner">
          <testcase name="d"><skipped type="skipped" message="true"/></testcase>
          <testcase name="e"><failure message="no">expected &lt;skipped&gt;</failure></testcase>
          <testcase name="f"><error>no</error></testcase>
        </testsuite>
      </testsuite>
    </testsuites>`;
    assertEquals(countTests(report), { passed: 2, failed: 2, skipped: 1 });
  });

  it("counts no file, unless it failed to load", () => {
    assertEquals(
      countTests(`<testcase name="tests/a_test.ts" time="0.1"/>
        <testcase name="tests/b_test.ts" time="0.1"><failure>no</failure></testcase>`),
      { passed: 0, failed: 1, skipped: 0 },
    );
  });

  it("counts nothing in a report that wasn't written", () => {
    assertEquals(countTests(""), { passed: 0, failed: 0, skipped: 0 });
  });
});

describe("closingLine()", () => {
  it("names skipped tests only where there are some", () => {
    assertEquals(closingLine({ passed: 2, failed: 0, skipped: 0 }), "2 passed, 0 failed");
    assertEquals(
      closingLine({ passed: 2, failed: 1, skipped: 3 }),
      "2 passed, 1 failed, 3 skipped",
    );
  });
});
