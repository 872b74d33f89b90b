import { App, Button, Slider } from "antd";
import { useState } from "react";
import { useHistory } from "../../api/queries";
import type { ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { isEditable } from "../../meta/Editor";
import { offers, takes } from "../../meta/offers";
import { Value } from "../../meta/Value";
import { backTo, moments, useBackTo, useRecordAt } from "./as-of";
import { inputsOf } from "./columns";
import { FileField } from "./FileField";

/** The record as it was: slide through its versions, see what differs from now, and go back to one. */
export function AsOf({ object, now }: { object: ObjectDef; now: RecordRow }) {
  const { t, say, language } = useWords();
  const { message } = App.useApp();
  const history = useHistory(object.key, now.id);
  const stops = moments(history.data?.items ?? []);
  const last = stops.length - 1;
  const [chosen, setChosen] = useState<number>();
  const place = Math.min(chosen ?? last, last);
  const stop = stops[place];
  const then = useRecordAt(object.key, now.id, stop?.at);
  const restore = useBackTo(object.key);
  const locale = language === "en" ? "en" : "zh-CN";
  if (stop === undefined) return null;
  const fields = inputsOf(object);
  const differing = then.data ? backTo(fields, then.data, now) : {};
  const writable = fields.filter((field) => (isEditable(field) || field.type === "file") && takes(field, false));
  const wanted = Object.fromEntries(writable.flatMap(({ key }) => (key in differing ? [[key, differing[key]]] : [])));
  const day = (at: string) => new Date(at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <div className="as-of">
      <p aria-live="polite">
        <b>{t("asOfAt", { time: day(stop.at) })}</b>{" "}
        <span className="blank">
          {t("versionOf", { version: stop.version, all: stops.length })} · {stop.actor?.label ?? t("system")}
        </span>
      </p>
      {stops.length > 1 && (
        <Slider
          min={0}
          max={last}
          value={place}
          dots={stops.length < 30}
          ariaLabelForHandle={t("asOf")}
          onChange={setChosen}
          tooltip={{ formatter: (at) => day(stops[at ?? 0]?.at ?? stop.at) }}
        />
      )}
      {then.isError && <p className="fault">{then.error.message}</p>}
      {then.data && (
        <dl className="fields">
          {fields.map((field) => (
            <div key={field.key} className="pair" data-differs={field.key in differing}>
              <dt>{say(field.label)}</dt>
              <dd>
                {field.type === "file" ? (
                  <FileField
                    id={`then-${field.key}`}
                    field={field}
                    value={then.data[field.key]}
                    editable={false}
                    onChange={() => undefined}
                  />
                ) : (
                  <Value field={field} value={then.data[field.key]} language={language} />
                )}
                {then.data[field.key] == null && <span className="blank">{t("blank")}</span>}
                {field.key in differing && (
                  <div className="blank">
                    {t("nowIs")} <Value field={field} value={now[field.key]} language={language} />
                    {now[field.key] == null && t("blank")}
                  </div>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {offers(object, "update") && Object.keys(wanted).length > 0 && (
        <Button
          loading={restore.isPending}
          onClick={() =>
            restore.mutate(
              { now, values: wanted as Record<string, never> },
              {
                onSuccess: () => {
                  setChosen(undefined);
                  void message.success(t("restored"));
                },
                onError: (error) => void message.error(error.message, 6),
              },
            )
          }
        >
          {t("restoreThis", { count: Object.keys(wanted).length })}
        </Button>
      )}
    </div>
  );
}
