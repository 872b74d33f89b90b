import type { GrantOutput, RoleDefOutput } from "../../api/schema";

export type FieldAccess = "none" | "read" | "write";

/** What a role may do with an object, and a role, as the catalogue keeps them. */
export type Grant = GrantOutput;
export type Role = RoleDefOutput;

/** Whose records: in the order of how many they are. */
export const SCOPES = ["none", "own", "team", "subtree", "all"] as const;
export const FORMULA = "formula:";
export const AREAS = ["model", "access", "people", "jobs", "backup", "audit"] as const;

/** What is not granted is denied. */
export const nothing = (object: string): Grant => ({
  object,
  read: "none",
  create: false,
  update: "none",
  delete: "none",
  purge: false,
  export: false,
  import: false,
  fields: "write",
  field_access: {},
});

export const grantOf = (role: Role, object: string): Grant =>
  role.grants.find((each) => each.object === object) ?? nothing(object);

/** The role with another grant on an object; a grant that gives nothing is left out. */
export function withGrant(role: Role, grant: Grant): Role {
  const at = role.grants.findIndex((each) => each.object === grant.object);
  const others = role.grants.filter((each) => each.object !== grant.object);
  if (isNothing(grant)) return { ...role, grants: others };
  if (at === -1) return { ...role, grants: [...role.grants, grant] };
  return { ...role, grants: role.grants.map((each) => (each.object === grant.object ? grant : each)) };
}

function isNothing(grant: Grant): boolean {
  const gives = [grant.read, grant.update, grant.delete].some((scope) => scope !== "none");
  return !gives && !grant.create && !grant.purge && !grant.export && !grant.import;
}

/** A field's access; what is the same as the object's usual one is not written down. */
export function withField(grant: Grant, field: string, access: FieldAccess): Grant {
  const { [field]: _, ...others } = grant.field_access;
  return { ...grant, field_access: access === grant.fields ? others : { ...others, [field]: access } };
}

export const same = (one: Role, other: Role): boolean => JSON.stringify(plain(one)) === JSON.stringify(plain(other));

const plain = (role: Role) => ({ ...role, manages: [...role.manages].sort() });
