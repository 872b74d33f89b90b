import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";

/** Where each value comes from, and the page in the source that it stands on (S3-18); asked for when it is opened. */
export function Origins({ object, id }: { object: ObjectDef; id: string }) {
  const { t, say } = useWords();
  const [open, setOpen] = useState(false);
  const found = useQuery({
    queryKey: ["history", object.key, id, "origins"],
    queryFn: () =>
      told(api.GET("/api/records/{object}/{id}/lineage", { params: { path: { object: object.key, id } } })),
    enabled: open,
  });
  const toldOf = found.data?.fields ?? {};
  const fields = object.fields.filter((field) => field.key in toldOf);
  const pages = [...new Set((found.data?.rows ?? []).flatMap((row) => row.link ?? []))];
  return (
    <details className="origins" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("origins")}</summary>
      {found.isError && (
        <p role="alert" className="fault">
          {found.error.message}
        </p>
      )}
      {found.isPending && open && <p className="blank">{t("loading")}</p>}
      {pages.map((link) => (
        <p key={link}>
          <a href={link} target="_blank" rel="noreferrer">
            <ExternalLink size={13} aria-hidden /> {t("originPage")}
          </a>
        </p>
      ))}
      <dl>
        {fields.map((field) => (
          <div key={field.key}>
            <dt>{say(field.label)}</dt>
            <dd>{toldOf[field.key]?.words}</dd>
          </div>
        ))}
      </dl>
      {found.isSuccess && fields.length === 0 && <p className="blank">{t("originsNone")}</p>}
    </details>
  );
}
