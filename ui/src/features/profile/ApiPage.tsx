import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { Download } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { PageTitle } from "../../design/PageTitle";
import { type Described, type Line, linesOf, writtenOut } from "./described";
import "../../design/api-page.css";

/** Every call of the API with the objects of this workspace: what it takes and answers. */
export function ApiPage() {
  const { t, language } = useWords();
  const [typed, setTyped] = useState("");
  const sought = useDeferredValue(typed);
  const described = useQuery({
    queryKey: ["openapi", language],
    queryFn: async () => (await told(api.GET("/api/openapi.json"))) as unknown as Described,
    staleTime: 60_000,
  }).data;
  const lines = described ? linesOf(described, sought) : [];
  const tags = [...new Set(lines.map((each) => each.tag))];
  return (
    <>
      <header className="bar">
        <PageTitle>{t("apiDescription")}</PageTitle>
        <span className="gap" />
        <Button href="/api/openapi.json" download="openapi.json" icon={<Download size={14} aria-hidden />}>
          OpenAPI
        </Button>
      </header>
      <div className="page api-page">
        <p className="lead">{t("apiLead")}</p>
        <Input
          allowClear
          aria-label={t("apiSearch")}
          placeholder={t("apiSearch")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {described === undefined && <p className="blank">{t("loading")}</p>}
        {described !== undefined && lines.length === 0 && <p className="blank">{t("nothingFound")}</p>}
        {described &&
          tags.map((tag) => (
            <section key={tag}>
              <h2>{tag}</h2>
              {lines
                .filter((each) => each.tag === tag)
                .map((each) => (
                  <Call key={each.id} line={each} schemas={described.components.schemas} />
                ))}
            </section>
          ))}
      </div>
    </>
  );
}

function Call({ line, schemas }: { line: Line; schemas: Record<string, unknown> }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <details className="api-call" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <code className="api-method">{line.method}</code>
        <code className="api-path">{line.path}</code>
        <span className="blank">{line.summary}</span>
      </summary>
      {open && (
        <>
          {line.parameters.length > 0 && (
            <dl className="api-parameters">
              {line.parameters.map((each) => (
                <div key={`${each.in} ${each.name}`}>
                  <dt>
                    <code>{each.name}</code>
                  </dt>
                  <dd className="blank">{each.description ?? t("apiInPath")}</dd>
                </div>
              ))}
            </dl>
          )}
          <Schema title={t("apiTakes")} schema={line.body} schemas={schemas} />
          <Schema title={t("apiAnswers")} schema={line.answer} schemas={schemas} />
        </>
      )}
    </details>
  );
}

function Schema({ title, schema, schemas }: { title: string; schema: unknown; schemas: Record<string, unknown> }) {
  if (schema === null) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well */}
      <pre tabIndex={0}>{JSON.stringify(writtenOut(schema, schemas), null, 2)}</pre>
    </section>
  );
}
