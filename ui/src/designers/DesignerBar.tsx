import { Button } from "antd";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { useWords } from "../app/language";
import { PageTitle } from "../design/PageTitle";

/** The head of a designer: the way back, what it is, and what can be done with it. */
export function DesignerBar({ title, onBack, children }: { title: string; onBack: () => void; children: ReactNode }) {
  const { t } = useWords();
  return (
    <header className="bar designer-bar">
      <Button type="text" aria-label={t("back")} icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />
      <PageTitle>{title}</PageTitle>
      <span className="gap" />
      {children}
    </header>
  );
}
