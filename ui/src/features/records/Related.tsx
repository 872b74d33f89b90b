import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { listRecords, useModel } from "../../api/queries";
import type { FieldDef, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { ObjectIcon } from "../../design/ObjectIcon";
import { offers, takes } from "../../meta/offers";
import { titleOf } from "../../meta/target";
import { isNumber, Value } from "../../meta/Value";
import { columnsOf } from "./columns";
import { filterOf, type RelatedList } from "./related-lists";

// It shows the form that these lists stand beside.
const NewRelated = lazy(() => import("./NewRelated").then((found) => ({ default: found.NewRelated })));

const SHOWN = 5;
const BESIDE = 2;

/** The records that point to this one, a block for each way they do. */
export function Related({ lists, target, id }: { lists: RelatedList[]; target: string; id: string }) {
  return (
    <div className="related">
      {lists.map((each) => (
        <Block key={`${each.object.key} ${each.field.key}`} list={each} target={target} id={id} />
      ))}
    </div>
  );
}

function Block({ list, target, id }: { list: RelatedList; target: string; id: string }) {
  const { object, field } = list;
  const { t, say } = useWords();
  const [adding, setAdding] = useState(false);
  const filter = filterOf(field, id);
  const found = useQuery({
    queryKey: ["records", object.key, "related", filter],
    queryFn: () => listRecords(object.key, { filter, limit: SHOWN, sort: "-changed_at" }),
    retry: false,
  });
  const count = found.data?.count ?? found.data?.items.length ?? 0;
  const name = say(object.plural ?? object.label);
  return (
    <section className="block">
      <header>
        <ObjectIcon object={object} />
        <h2>
          {name}
          {field.label.zh !== object.label.zh && <span className="blank"> · {say(field.label)}</span>}
        </h2>
        {found.isSuccess && <span className="count">{count}</span>}
        <span className="gap" />
        {count > 0 && (
          <Link to="/records/$object" params={{ object: object.key }} search={{ filter }}>
            {t("openAll")}
          </Link>
        )}
        {offers(object, "create") && takes(field, true) && (
          <button
            type="button"
            className="text-button"
            aria-label={t("createOf", { name: say(object.label) })}
            onClick={() => setAdding(true)}
          >
            {t("create")}
          </button>
        )}
      </header>
      {found.isError ? (
        <p className="fault">{found.error.message}</p>
      ) : (
        found.isSuccess && <Rows object={object} by={field} rows={found.data.items} />
      )}
      <Suspense fallback={null}>
        {adding && <NewRelated list={list} target={target} id={id} onClose={() => setAdding(false)} />}
      </Suspense>
    </section>
  );
}

function Rows({ object, by, rows }: { object: ObjectDef; by: FieldDef; rows: RecordRow[] }) {
  const { t, language } = useWords();
  const model = useModel().data;
  if (rows.length === 0) return <p className="blank">{t("relatedNothing")}</p>;
  const beside = columnsOf(object)
    .filter((each) => each.key !== object.title && each.key !== by.key && SHORT.has(each.type))
    .slice(0, BESIDE);
  return (
    <ul className="lines">
      {rows.map((row) => (
        <li key={row.id}>
          <Link to="/records/$object/$id" params={{ object: object.key, id: row.id }} className="line-title">
            {titleOf(model, object.key, row)}
          </Link>
          {beside.map((each) => (
            <span key={each.key} className={isNumber(each, row[each.key]) ? "number" : "line-value"}>
              <Value field={each} value={row[each.key]} language={language} />
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

const SHORT = new Set(["choice", "money", "number", "percent", "date", "phone", "text", "person"]);
