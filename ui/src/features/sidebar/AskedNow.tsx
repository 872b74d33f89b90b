import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import type { PromptShown } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FillIn } from "../../meta/FillIn";

/** One thing to fill in, if one fits what is going on (S0-30); put aside it stays away while the page is open. */
export function AskedNow({ object, id }: { object: ObjectDef; id: string }) {
  const { t } = useWords();
  const [aside, setAside] = useState<ReadonlySet<string>>(new Set());
  const [filling, setFilling] = useState<PromptShown>();
  const found = useQuery({
    queryKey: ["prompts", object.key, id],
    queryFn: () =>
      told(api.GET("/api/prompts/{object}/{record}", { params: { path: { object: object.key, record: id } } })),
    retry: false,
  });
  const prompt = found.data?.items.find((each) => !aside.has(each.key));
  const putAside = (key: string) => setAside((before) => new Set([...before, key]));
  if (prompt === undefined) return null;
  return (
    <section aria-label={t("sideBar.asked")}>
      <p className="side-bar-acts">
        <span>{prompt.label}</span>
        <Button size="small" type="primary" ghost onClick={() => setFilling(prompt)}>
          {t("sideBar.fillIn")}
        </Button>
        <Button size="small" type="text" onClick={() => putAside(prompt.key)}>
          {t("sideBar.notNow")}
        </Button>
      </p>
      {filling && (
        <FillIn
          object={object.key}
          id={id}
          title={filling.label}
          fields={filling.fields}
          onFilled={() => putAside(filling.key)}
          onClose={() => setFilling(undefined)}
        />
      )}
    </section>
  );
}
