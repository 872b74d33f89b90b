import { Link } from "@tanstack/react-router";
import { BookOpen, ChartColumn, HeartPulse, type LucideIcon, Radio, SunMedium, Timer } from "lucide-react";
import type { ReactNode } from "react";
import type { ObjectDef } from "../api/types";
import { ObjectIcon } from "../design/ObjectIcon";
import { useWords } from "./language";

export interface WorkPage {
  to: "/" | "/signals" | "/health" | "/meeting" | "/content" | "/boards";
  word: string;
  Icon: LucideIcon;
}

/** The pages that people work with every day, in one order wherever there is a way to them. */
export const WORK_PAGES: readonly WorkPage[] = [
  { to: "/", word: "todayPage", Icon: SunMedium },
  { to: "/signals", word: "signalsPage", Icon: Radio },
  { to: "/health", word: "healthPage", Icon: HeartPulse },
  { to: "/meeting", word: "meetingPage", Icon: Timer },
  { to: "/content", word: "contentPage", Icon: BookOpen },
  { to: "/boards", word: "boards", Icon: ChartColumn },
];

// Under these there are pages with ways of their own.
const EXACT: ReadonlySet<string> = new Set(["/", "/boards"]);

export function WayToPage(props: { page: WorkPage; size?: number; children?: ReactNode }) {
  const { page, size = 16, children } = props;
  const { t } = useWords();
  return (
    <Link className="nav" to={page.to} activeOptions={{ exact: EXACT.has(page.to) }}>
      <page.Icon size={size} strokeWidth={1.6} aria-hidden />
      {t(page.word)}
      {children}
    </Link>
  );
}

export function WayToRecords(props: { object: ObjectDef; label: string; size?: number }) {
  const { object, label, size } = props;
  return (
    <Link className="nav" to="/records/$object" params={{ object: object.key }}>
      <ObjectIcon object={object} {...(size ? { size } : {})} />
      <span>{label}</span>
    </Link>
  );
}
