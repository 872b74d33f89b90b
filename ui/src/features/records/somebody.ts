import type { ObjectDef } from "../../api/types";

const TELLING = /phone|mobile|\btel|tax|credit_code|nickname|wechat/i;

/** Whether an object's records are somebody: what has a phone, a tax number or a WeChat nickname (S0-08). */
export const isSomebody = (object: ObjectDef): boolean =>
  !object.builtin && object.fields.some((each) => each.type === "phone" || TELLING.test(each.key));
