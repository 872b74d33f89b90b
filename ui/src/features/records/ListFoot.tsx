import type { FieldDef, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { valueText } from "../../meta/Value";
import { useSums } from "./Groups";
import type { ListSearch } from "./list-search";
import { totalled } from "./totals";

/** How many records there are, and what their numbers come to. */
export function ListFoot(props: {
  object: ObjectDef;
  asked: ListSearch;
  fields: FieldDef[];
  page: { count: number | null; count_is_exact: boolean } | undefined;
}) {
  const { object, asked, fields, page } = props;
  const { t, say, language } = useWords();
  const sums = useSums(object, fields, asked).data?.[0];
  return (
    <footer className="foot">
      {page?.count != null && (
        <span>
          {t(page.count_is_exact ? "total" : "totalAbout", { count: page.count.toLocaleString() as unknown as number })}
        </span>
      )}
      {sums !== undefined &&
        totalled(fields)
          .filter(({ field }) => sums[field.key] != null)
          .map(({ field, by }) => (
            <span key={field.key}>
              {say(field.label)} {t(`total.${by}`)} {valueText(field, sums[field.key], language)}
            </span>
          ))}
    </footer>
  );
}
