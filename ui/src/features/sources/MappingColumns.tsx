import { AutoComplete, Button, Select } from "antd";
import { Import, Plus } from "lucide-react";
import { useWords } from "../../app/language";
import { At } from "../../designers/faults/FaultPlaces";
import { type Mapping, useColumns } from "./queries";
import { RemoveLine } from "./RemoveLine";

type Column = Mapping["columns"][number];

const TYPES = ["text", "number", "boolean", "date", "datetime", "json"];

/** The columns that a mapping reads: chosen from those that the stream has, or typed. */
export function MappingColumns(props: {
  source: string;
  stream: string;
  columns: Column[];
  onChange: (columns: Column[]) => void;
}) {
  const { source, stream, columns, onChange } = props;
  const { t } = useWords();
  const known = useColumns(source, stream).data ?? [];
  const left = known.filter((each) => !columns.some(({ path }) => path === each.path));
  const replace = (at: number, part: Partial<Column>) =>
    onChange(columns.map((each, place) => (place === at ? { ...each, ...part } : each)));
  return (
    <div className="lines-edit">
      {columns.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place until it is saved
        <div key={at} className="line-edit">
          <At place={each.path || String(at)}>
            <AutoComplete
              aria-label={`${t("rawPath")} ${at + 1}`}
              placeholder={t("rawPath")}
              style={{ width: "100%" }}
              value={each.path}
              onChange={(path: string) => replace(at, { path })}
              onSelect={(path: string) =>
                replace(at, { path, type: known.find((one) => one.path === path)?.type ?? each.type })
              }
              options={left
                .filter(({ path }) => path.toLowerCase().includes(each.path.toLowerCase()))
                .map(({ path }) => ({ value: path }))}
            />
          </At>
          <Select
            aria-label={`${t("type")} ${at + 1}`}
            style={{ width: 110 }}
            value={each.type}
            onChange={(type) => replace(at, { type })}
            options={TYPES.map((value) => ({ value, label: t(`rawType.${value}`) }))}
          />
          <RemoveLine name={each.path} onClick={() => onChange(columns.filter((_, place) => place !== at))} />
        </div>
      ))}
      <div className="line-edit">
        <Button
          size="small"
          icon={<Plus size={13} aria-hidden />}
          onClick={() => onChange([...columns, { path: "", type: "text", name: null }])}
        >
          {t("addColumn")}
        </Button>
        {left.length > 0 && (
          <Button
            size="small"
            icon={<Import size={13} aria-hidden />}
            onClick={() =>
              onChange([
                ...columns.filter(({ path }) => path !== ""),
                ...left.map(({ path, type }) => ({ path, type, name: null })),
              ])
            }
          >
            {t("takeColumns")} {left.length}
          </Button>
        )}
      </div>
    </div>
  );
}
