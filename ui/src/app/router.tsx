import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Home, Missing, Shell } from "./Shell";

export interface ListSearch {
  filter?: string;
  sort?: string;
  search?: string;
  record?: string;
}

const word = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** The state of a list stands in its address, so that it can be sent to a colleague. */
function listSearch(given: Record<string, unknown>): ListSearch {
  const kept: ListSearch = {};
  for (const name of ["filter", "sort", "search", "record"] as const) {
    const value = word(given[name]);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });
const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./SignIn"), "SignIn"),
});
const records = createRoute({
  getParentRoute: () => root,
  path: "/records/$object",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("../features/records/RecordsPage"), "RecordsPage"),
});
const fields = createRoute({
  getParentRoute: () => root,
  path: "/build/fields",
  validateSearch: (given: Record<string, unknown>): { object?: string } => {
    const object = word(given.object);
    return object === undefined ? {} : { object };
  },
  component: lazyRouteComponent(() => import("../features/model/FieldsPage"), "FieldsPage"),
});

export const router = createRouter({ routeTree: root.addChildren([home, signIn, records, fields]) });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
