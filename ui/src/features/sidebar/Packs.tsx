import { App, Button, Input } from "antd";
import { Send } from "lucide-react";
import { useState } from "react";
import { useRecord } from "../../api/queries";
import { useWords } from "../../app/language";
import { type PackShown, sayable, usePacks, useTellUse } from "./packs";
import type { WeComWindow } from "./wecom-window";

interface Place {
  object: string;
  id: string;
  /** WeCom's window, where the page stands in one. */
  around: WeComWindow | null;
}

/** What the library has for this customer: opened beside the chat, and what the seller makes of it sent into the chat. */
export function Packs(place: Place) {
  const { t } = useWords();
  const packs = usePacks(place.object, place.id);
  const [open, setOpen] = useState<string>();
  const tell = useTellUse(place.object, place.id);
  if (packs.data === undefined || packs.data.length === 0) return null;
  const choose = (pack: PackShown) => {
    if (open === pack.id) return setOpen(undefined);
    setOpen(pack.id);
    tell.mutate({ pack: pack.id, event: "opened" });
  };
  return (
    <section className="side-bar-part" aria-label={t("sideBar.packs")}>
      <h2>{t("sideBar.packs")}</h2>
      <ul className="side-bar-packs">
        {packs.data.map((each) => (
          <li key={each.id}>
            <Button type="text" size="small" aria-expanded={open === each.id} onClick={() => choose(each)}>
              {each.title}
            </Button>
            {open === each.id && (
              <Opened place={place} pack={each} onUsed={() => tell.mutate({ pack: each.id, event: "used" })} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Opened({ place, pack, onUsed }: { place: Place; pack: PackShown; onUsed: () => void }) {
  const { t } = useWords();
  const found = useRecord("content", pack.id);
  if (found.isError) return <p className="fault">{found.error.message}</p>;
  if (found.data === undefined) return <p className="blank">{t("loading")}</p>;
  const body = typeof found.data.body === "string" ? found.data.body : "";
  return (
    <>
      <p className="side-bar-pack-text">{body}</p>
      <Said text={sayable(body)} around={place.around} onUsed={onUsed} />
    </>
  );
}

/** A pack speaks to the seller; what goes to the customer is what he leaves standing here. */
function Said({ text, around, onUsed }: { text: string; around: WeComWindow | null; onUsed: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [words, setWords] = useState(text);
  const [isSending, setSending] = useState(false);
  const send = async () => {
    if (around === null) return;
    setSending(true);
    try {
      if (await around.send(words.trim())) {
        onUsed();
        void message.success(t("sideBar.sent"));
      }
    } catch (refusal) {
      void message.error(t("sideBar.refused", { reason: refusal instanceof Error ? refusal.message : "" }), 6);
    } finally {
      setSending(false);
    }
  };
  return (
    <>
      <Input.TextArea
        aria-label={t("sideBar.toSay")}
        autoSize={{ minRows: 2, maxRows: 8 }}
        maxLength={2_000}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <div className="side-bar-acts">
        <Button
          type="primary"
          icon={<Send size={14} aria-hidden />}
          disabled={around === null || words.trim() === ""}
          loading={isSending}
          onClick={() => void send()}
        >
          {t("sideBar.sendToChat")}
        </Button>
        {around === null && <span className="lead">{t("sideBar.sendOnlyInside")}</span>}
      </div>
    </>
  );
}
