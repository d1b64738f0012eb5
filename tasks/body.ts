/** For other folders of the house: running other people's code in the current task. @module */

export { callBody, within } from "./_body.ts";
