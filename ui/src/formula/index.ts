export { compile } from "./evaluate";
export type { FormulaDocument, Moment, Row, TreeNode } from "./tree";
