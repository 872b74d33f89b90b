import { Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import { Line } from "../../designers/LabelFields";
import { OptionEntries } from "./OptionEntries";
import { kindOf, type Options, plainOf, readJson } from "./options";
import type { OptionSchema, OptionsSchema } from "./queries";

/** The options of a kind of source, or of one of its streams: a line each, by their schema. */
export function OptionLines(props: { schema: OptionsSchema; options: Options; onChange: (options: Options) => void }) {
  const { schema, options, onChange } = props;
  return Object.entries(schema.properties ?? {}).map(([name, each]) => (
    <Line
      key={name}
      at={name}
      label={`${each.title ?? name}${schema.required?.includes(name) ? " *" : ""}`}
      {...(each.description === undefined ? {} : { lead: each.description })}
    >
      <Option
        name={each.title ?? name}
        schema={each}
        value={options[name]}
        onChange={(value) => {
          const { [name]: _, ...others } = options;
          onChange(value === undefined ? others : { ...others, [name]: value });
        }}
      />
    </Line>
  ));
}

/** One option by its schema; undefined leaves it as the kind has it. */
function Option(props: { name: string; schema: OptionSchema; value: unknown; onChange: (value: unknown) => void }) {
  const { name, schema, value, onChange } = props;
  const usual = schema.default === undefined || schema.default === null ? "" : String(schema.default);
  const choices = Object.entries(schema.choices ?? {}).map(([key, label]) => ({ value: key, label }));
  switch (kindOf(schema)) {
    case "switch":
      return <Switch aria-label={name} checked={(value ?? schema.default) === true} onChange={onChange} />;
    case "number":
      return (
        <InputNumber
          aria-label={name}
          style={{ width: "100%" }}
          placeholder={usual}
          value={typeof value === "number" ? value : null}
          onChange={(given) => onChange(given ?? undefined)}
        />
      );
    case "choice":
      return (
        <Select
          aria-label={name}
          style={{ width: "100%" }}
          placeholder={schema.choices?.[usual] ?? usual}
          allowClear
          {...(typeof value === "string" ? { value } : {})}
          onChange={(given: string | undefined) => onChange(given)}
          options={choices.length > 0 ? choices : (schema.enum ?? []).map((each) => ({ value: each, label: each }))}
        />
      );
    case "words":
      return (
        <Select
          aria-label={name}
          mode={choices.length > 0 ? "multiple" : "tags"}
          style={{ width: "100%" }}
          placeholder={Array.isArray(schema.default) ? schema.default.join("、") : ""}
          value={Array.isArray(value) ? (value as string[]) : []}
          onChange={(given: string[]) => onChange(given.length === 0 ? undefined : given)}
          options={choices}
          {...(choices.length === 0 ? { open: false, suffixIcon: null, tokenSeparators: [",", "，"] } : {})}
        />
      );
    case "entries":
      return (
        <OptionEntries
          name={name}
          entries={(value ?? {}) as Record<string, Options>}
          lines={(options, put) => (
            <OptionLines
              schema={plainOf(schema).additionalProperties as OptionsSchema}
              options={options}
              onChange={put}
            />
          )}
          onChange={onChange}
        />
      );
    case "text":
      return (
        <Input
          aria-label={name}
          placeholder={usual}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
        />
      );
    case "json":
      return <JsonInput name={name} value={value} onChange={onChange} />;
  }
}

function JsonInput({ name, value, onChange }: { name: string; value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useWords();
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const isWrong = text.trim() !== "" && readJson(text) === undefined;
  return (
    <>
      <Input.TextArea
        aria-label={name}
        className="code"
        autoSize={{ minRows: 2, maxRows: 10 }}
        placeholder="{ } / [ ]"
        {...(isWrong ? { status: "error" as const } : {})}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value.trim() === "") onChange(undefined);
          else {
            const read = readJson(event.target.value);
            if (read !== undefined) onChange(read);
          }
        }}
      />
      {isWrong && <p className="fault">{t("notJson")}</p>}
    </>
  );
}
