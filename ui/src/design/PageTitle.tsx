import { useEffect } from "react";
import { useWords } from "../app/language";

/** The window's title says which page it is, so that tabs, the history and a screen reader tell pages apart. */
export function usePageTitle(title: string): void {
  const { language } = useWords();
  useEffect(() => {
    document.title = `${title} · ${language === "zh" ? "通脉" : "Tongmai"}`;
  }, [title, language]);
}

/** The heading of a page, which is the window's title as well. */
export function PageTitle({ children, className }: { children: string; className?: string }) {
  usePageTitle(children);
  return <h1 className={className}>{children}</h1>;
}
