import {
  Database,
  Ear,
  Layers,
  type LucideIcon,
  MessageCircleQuestion,
  MessageSquareLock,
  MousePointerClick,
  Package,
  ScrollText,
  Send,
  ShieldCheck,
  Sigma,
  SlidersHorizontal,
  Users,
  Workflow,
} from "lucide-react";

/** A page where the product is built; `managed` are the areas of which one must be the person's. */
interface BuildPage {
  to:
    | "/build/fields"
    | "/build/metrics"
    | "/build/segments"
    | "/build/rules"
    | "/build/sources"
    | "/build/words"
    | "/build/light-entry"
    | "/build/prompts"
    | "/build/apps"
    | "/build/access"
    | "/build/members"
    | "/build/deliveries"
    | "/build/consents"
    | "/build/audit";
  word: string;
  Icon: LucideIcon;
  managed: string[];
}

const PAGES: BuildPage[] = [
  { to: "/build/fields", word: "fields", Icon: SlidersHorizontal, managed: ["model"] },
  { to: "/build/metrics", word: "metrics", Icon: Sigma, managed: ["model"] },
  { to: "/build/segments", word: "segments", Icon: Layers, managed: ["model"] },
  { to: "/build/rules", word: "rules", Icon: Workflow, managed: ["model"] },
  { to: "/build/sources", word: "sources", Icon: Database, managed: ["model"] },
  { to: "/build/words", word: "signalWords", Icon: Ear, managed: ["model"] },
  { to: "/build/light-entry", word: "lightEntries", Icon: MousePointerClick, managed: ["model"] },
  { to: "/build/prompts", word: "prompts", Icon: MessageCircleQuestion, managed: ["model"] },
  { to: "/build/apps", word: "apps", Icon: Package, managed: ["model"] },
  { to: "/build/access", word: "access", Icon: ShieldCheck, managed: ["access", "model"] },
  { to: "/build/members", word: "membersWord", Icon: Users, managed: ["people"] },
  { to: "/build/deliveries", word: "deliveries", Icon: Send, managed: ["jobs"] },
  { to: "/build/consents", word: "consents", Icon: MessageSquareLock, managed: ["audit"] },
  { to: "/build/audit", word: "audit", Icon: ScrollText, managed: ["audit"] },
];

/** The pages of building for who manages these areas. The API asks again; this only leaves out what would be refused. */
export const buildPages = (manages: string[]): BuildPage[] =>
  PAGES.filter((each) => each.managed.some((area) => manages.includes(area)));

/** Whether an address leads to a page of building that is not for who manages these areas. */
export const isShut = (path: string, manages: string[]): boolean =>
  path === "/build"
    ? buildPages(manages).length === 0
    : path.startsWith("/build/") && !buildPages(manages).some(({ to }) => path === to || path.startsWith(`${to}/`));
