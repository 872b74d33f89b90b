import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { listSearch } from "../features/records/list-search";
import { chatSearch } from "../features/sidebar/chat-search";
import { Broken } from "./Broken";
import { withWords } from "./language";
import { Missing } from "./Missing";
import { Root } from "./Root";

/** A page that comes when it is gone to, with its words; the first pages' have come with the program. */
const page: typeof lazyRouteComponent = (load, name) => lazyRouteComponent(withWords(load), name);

const root = createRootRoute({ component: Root, notFoundComponent: Missing });
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../features/today/TodayPage"), "TodayPage"),
});
const signals = createRoute({
  getParentRoute: () => root,
  path: "/signals",
  component: page(() => import("../features/signals/SignalsPage"), "SignalsPage"),
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  // Only a page of ours: an address of another site would lead whoever follows a link there.
  validateSearch: ({
    from,
    refused,
  }: Record<string, unknown>): { from?: string | undefined; refused?: string | undefined } => ({
    from: typeof from === "string" && /^\/(?![/\\])/.test(from) ? from : undefined,
    refused: typeof refused === "string" && /^[a-z_.]{1,60}$/.test(refused) ? refused : undefined,
  }),
  component: lazyRouteComponent(() => import("./SignIn"), "SignIn"),
});
const health = createRoute({
  getParentRoute: () => root,
  path: "/health",
  validateSearch: ({ segment, class: of }: Record<string, unknown>): { segment?: string; class?: string } => ({
    ...(typeof segment === "string" ? { segment } : {}),
    ...(typeof of === "string" ? { class: of } : {}),
  }),
  component: page(() => import("../features/health/HealthPage"), "HealthPage"),
});
const meeting = createRoute({
  getParentRoute: () => root,
  path: "/meeting",
  component: page(() => import("../features/meeting/MeetingPage"), "MeetingPage"),
});
const content = createRoute({
  getParentRoute: () => root,
  path: "/content",
  validateSearch: ({ pack }: Record<string, unknown>): { pack?: string } => (typeof pack === "string" ? { pack } : {}),
  component: page(() => import("../features/content/ContentPage"), "ContentPage"),
});
const boards = createRoute({
  getParentRoute: () => root,
  path: "/boards",
  component: page(() => import("../features/boards/BoardPage"), "BoardsPage"),
});
const board = createRoute({
  getParentRoute: () => root,
  path: "/boards/$board",
  component: page(() => import("../features/boards/BoardPage"), "BoardPage"),
});
const records = createRoute({
  getParentRoute: () => root,
  path: "/records/$object",
  validateSearch: listSearch,
  component: page(() => import("../features/records/RecordsPage"), "RecordsPage"),
});
const record = createRoute({
  getParentRoute: () => root,
  path: "/records/$object/$id",
  component: page(() => import("../features/records/RecordPage"), "RecordPage"),
});
const build = createRoute({
  getParentRoute: () => root,
  path: "/build",
  component: page(() => import("../features/build/BuildHomePage"), "BuildHomePage"),
});
const fields = createRoute({
  getParentRoute: () => root,
  path: "/build/fields",
  validateSearch: ({ object }: Record<string, unknown>): { object?: string } =>
    typeof object === "string" ? { object } : {},
  component: page(() => import("../features/model/FieldsPage"), "FieldsPage"),
});
const chosen = ({ item }: Record<string, unknown>): { item?: string } => (typeof item === "string" ? { item } : {});
const metrics = createRoute({
  getParentRoute: () => root,
  path: "/build/metrics",
  validateSearch: chosen,
  component: page(() => import("../designers/metrics/MetricsPage"), "MetricsPage"),
});
const segments = createRoute({
  getParentRoute: () => root,
  path: "/build/segments",
  validateSearch: chosen,
  component: page(() => import("../designers/segments/SegmentsPage"), "SegmentsPage"),
});
const rules = createRoute({
  getParentRoute: () => root,
  path: "/build/rules",
  validateSearch: chosen,
  component: page(() => import("../designers/rules/RulesPage"), "RulesPage"),
});
const access = createRoute({
  getParentRoute: () => root,
  path: "/build/access",
  validateSearch: ({ role }: Record<string, unknown>): { role?: string } => (typeof role === "string" ? { role } : {}),
  component: page(() => import("../features/access/AccessPage"), "AccessPage"),
});
const sources = createRoute({
  getParentRoute: () => root,
  path: "/build/sources",
  validateSearch: ({ source }: Record<string, unknown>): { source?: string } =>
    typeof source === "string" ? { source } : {},
  component: page(() => import("../features/sources/SourcesPage"), "SourcesPage"),
});
const words = createRoute({
  getParentRoute: () => root,
  path: "/build/words",
  validateSearch: chosen,
  component: page(() => import("../designers/words/WordsPage"), "WordsPage"),
});
const lightEntry = createRoute({
  getParentRoute: () => root,
  path: "/build/light-entry",
  validateSearch: chosen,
  component: page(() => import("../features/lightentry/LightEntryPage"), "LightEntryPage"),
});
const sidebar = createRoute({
  getParentRoute: () => root,
  path: "/sidebar",
  validateSearch: chatSearch,
  component: page(() => import("../features/sidebar/SideBarPage"), "SideBarPage"),
});
const apps = createRoute({
  getParentRoute: () => root,
  path: "/build/apps",
  component: page(() => import("../features/apps/AppsPage"), "AppsPage"),
});
const members = createRoute({
  getParentRoute: () => root,
  path: "/build/members",
  validateSearch: ({ person }: Record<string, unknown>): { person?: string } =>
    typeof person === "string" ? { person } : {},
  component: page(() => import("../features/members/MembersPage"), "MembersPage"),
});
const prompts = createRoute({
  getParentRoute: () => root,
  path: "/build/prompts",
  validateSearch: chosen,
  component: page(() => import("../features/prompts/PromptsPage"), "PromptsPage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/build/audit",
  component: page(() => import("../features/audit/AuditPage"), "AuditPage"),
});
const consents = createRoute({
  getParentRoute: () => root,
  path: "/build/consents",
  component: page(() => import("../features/consents/ConsentsPage"), "ConsentsPage"),
});
const deliveries = createRoute({
  getParentRoute: () => root,
  path: "/build/deliveries",
  component: page(() => import("../features/deliveries/DeliveriesPage"), "DeliveriesPage"),
});
const apiPage = createRoute({
  getParentRoute: () => root,
  path: "/api-docs",
  component: page(() => import("../features/profile/ApiPage"), "ApiPage"),
});
const profile = createRoute({
  getParentRoute: () => root,
  path: "/profile",
  component: page(() => import("../features/profile/ProfilePage"), "ProfilePage"),
});

export const router = createRouter({
  defaultErrorComponent: Broken,
  routeTree: root.addChildren([
    home,
    signals,
    health,
    meeting,
    content,
    boards,
    board,
    signIn,
    records,
    record,
    build,
    fields,
    metrics,
    segments,
    rules,
    access,
    sources,
    words,
    lightEntry,
    prompts,
    sidebar,
    apps,
    members,
    deliveries,
    consents,
    audit,
    profile,
    apiPage,
  ]),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
