import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useModel } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { PageTitle } from "../../design/PageTitle";
import { valueText } from "../../meta/Value";
import { textOf } from "../today/tasks";
import { PackReader } from "./PackReader";
import { useLibrary, useToConfirm } from "./packs";

/** The content library: what there is to say and to show, what must be read first of all. */
export function ContentPage() {
  const { t } = useWords();
  const asked = useSearch({ from: "/content" }).pack;
  const navigate = useNavigate({ from: "/content" });
  const [typed, setTyped] = useState("");
  const content = useModel().data?.objects.find((each) => each.key === "content");
  const isKeeper = content?.may?.update === true;
  const library = useLibrary(typed.trim(), isKeeper);
  const waiting = new Set(useToConfirm().data?.map((each) => each.id));
  const rows = library.data?.items ?? [];
  const [first, rest] = [rows.filter((each) => waiting.has(each.id)), rows.filter((each) => !waiting.has(each.id))];
  const show = (pack?: string) => void navigate({ search: pack === undefined ? {} : { pack } });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("contentPage")}</PageTitle>
        <span className="gap" />
        <Input.Search
          aria-label={t("pack.search")}
          placeholder={t("pack.search")}
          allowClear
          style={{ maxWidth: 240 }}
          onChange={(event) => setTyped(event.target.value)}
        />
        {content?.may?.create && (
          <Button
            type="primary"
            icon={<Plus size={14} aria-hidden />}
            onClick={() => void navigate({ to: "/records/$object", params: { object: "content" } })}
          >
            {t("pack.keep")}
          </Button>
        )}
      </header>
      <div className="page today">
        {library.isError && <p className="fault">{library.error.message}</p>}
        {library.isSuccess && rows.length === 0 && <Empty title={t("pack.nothing")} lead={t("pack.nothingLead")} />}
        <Packs title={t("pack.toConfirm")} rows={first} isUrgent onOpen={show} />
        <Packs title={t("pack.all")} rows={rest} onOpen={show} />
      </div>
      {asked !== undefined && <PackReader key={asked} id={asked} onClose={() => show()} />}
    </>
  );
}

function Packs(props: { title: string; rows: RecordRow[]; isUrgent?: boolean; onOpen: (id: string) => void }) {
  const { title, rows, isUrgent = false, onOpen } = props;
  const { t, language } = useWords();
  const fields = useModel().data?.objects.find((each) => each.key === "content")?.fields ?? [];
  const word = (row: RecordRow, key: string) => {
    const field = fields.find((each) => each.key === key);
    return field ? valueText(field, row[key], language) : "";
  };
  if (rows.length === 0) return null;
  return (
    <section className="work-block">
      <h2>{isUrgent ? <Level level="yellow">{title}</Level> : title}</h2>
      <ul>
        {rows.map((row) => (
          <li key={row.id} className="work-row">
            <div className="work-what">
              <button type="button" className="text-button" onClick={() => onOpen(row.id)}>
                {textOf(row, "title")}
              </button>
              <p>
                <span>{word(row, "kind")}</span>
                <span className="pack-gist">{textOf(row, "body")}</span>
              </p>
            </div>
            {row.state !== "published" && <span className="chip">{word(row, "state")}</span>}
            {row.must_read === true && <span className="chip">{t("pack.mustRead")}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
