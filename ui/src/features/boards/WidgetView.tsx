import { lazy, type ReactNode, Suspense } from "react";
import { useModel } from "../../api/queries";
import type { FieldValue, Page } from "../../api/types";
import { useWords } from "../../app/language";
import { Level, levelOfColour } from "../../design/Level";
import {
  type Asked,
  type Associated,
  type Figure,
  type Found,
  type Lights,
  levelOf,
  type Row,
  type Widget,
} from "./boards";
import { useDrill } from "./drilling";
import { StepsView } from "./FunnelView";
import { ListView } from "./ListView";
import { measuredText } from "./measures";
import { TableView } from "./TableView";

// Charts are large: a page without any does without them.
const AssociationView = lazy(() => import("./AssociationView").then((found) => ({ default: found.AssociationView })));
const PictureView = lazy(() => import("./PictureView").then((found) => ({ default: found.PictureView })));

/** What a widget shows. Everything in it opens into the records behind it. */
export function WidgetView({ widget, found, asked }: { widget: Widget; found: Found; asked: Asked[] }): ReactNode {
  switch (widget.kind) {
    case "number":
    case "gauge":
      return <FigureView widget={widget} value={found as FieldValue} />;
    case "lights":
      return <LightsView widget={widget} counts={found as { key: string; colour: string; n: number }[]} />;
    case "steps":
      return <StepsView widget={widget} counts={found as { key: string; n: FieldValue }[]} />;
    case "association":
      return (
        <Suspense fallback={null}>
          <AssociationView widget={widget} found={found as Associated} />
        </Suspense>
      );
    case "list":
      return <ListView widget={widget} page={found as Page} asked={asked} />;
    case "text":
      return <TextView text={widget.text} />;
    default:
      return widget.kind === "table" ? (
        <TableView widget={widget} rows={found as Row[]} />
      ) : (
        <Suspense fallback={null}>
          <PictureView widget={widget} rows={found as Row[]} />
        </Suspense>
      );
  }
}

function FigureView({ widget, value }: { widget: Figure; value: FieldValue }) {
  const { t, say, language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  // Nothing added up is nought; of an average or a largest there is none.
  const number = value === null ? (/^sum\(/.test(widget.measure.trim()) ? 0 : null) : Number(value);
  const open = () => drill(widget.object, widget.filter ?? undefined);
  if (number === null || Number.isNaN(number))
    return (
      <button type="button" className="board-figure" onClick={open}>
        <span className="blank">{t("noValue")}</span>
      </button>
    );
  const read = (figure: number) => measuredText(figure, widget.measure, widget.object, objects, language);
  const { text, unit } = read(number);
  // 3.3 万元, but 33.3k CNY.
  const units = [unit, say(widget.unit)].filter(Boolean).join(language === "en" ? " " : "");
  const target = read(widget.target ?? 0);
  const share = widget.target === null ? null : number / widget.target;
  const level = levelOf(widget, number);
  return (
    <button type="button" className="board-figure" data-level={level} onClick={open}>
      <b>{text}</b> <span>{units}</span>
      {level && <Level level={level}>{t(`level.${level}`)}</Level>}
      {share !== null && (
        <>
          <span className="bar-track">
            <span className="bar-fill" style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
          </span>
          <span className="figure-target">
            {Math.round(share * 100)}% · {t("targetOf", { target: target.text + target.unit })}
          </span>
        </>
      )}
    </button>
  );
}

function LightsView({ widget, counts }: { widget: Lights; counts: { key: string; colour: string; n: number }[] }) {
  const { say, language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  // The class of a segment is a field of its object, which is how its members are listed.
  const object = objects.find((each) => (each.metrics ?? []).some((field) => field.key === widget.segment));
  const field = object?.metrics?.find((each) => each.key === widget.segment);
  const total = counts.reduce((sum, each) => sum + each.n, 0);
  const labelOf = (key: string) => {
    const choices = (field?.options.choices ?? []) as { key: string; label: { zh: string; en: string } }[];
    return say(choices.find((each) => each.key === key)?.label) || key;
  };
  return (
    <div className="lights">
      {counts.map((each) => (
        <button
          key={each.key}
          type="button"
          disabled={object === undefined}
          onClick={() => object && drill(object.key, `${widget.segment} = '${each.key}'`)}
        >
          <Level level={levelOfColour(each.colour)}>{labelOf(each.key)}</Level>
          <b>{each.n.toLocaleString(language)}</b>
          <span>{total === 0 ? "" : `${Math.round((each.n / total) * 100)}%`}</span>
        </button>
      ))}
    </div>
  );
}

/** Paragraphs; a line that begins with a dash is one of a list. */
function TextView({ text }: { text: { zh: string; en: string } }) {
  const { say } = useWords();
  return (
    <div className="board-text">
      {say(text)
        .split(/\n+/)
        .map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name than its place
          <p key={at}>{line}</p>
        ))}
    </div>
  );
}
