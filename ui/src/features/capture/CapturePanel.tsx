import { Button } from "antd";
import { ScanText } from "lucide-react";
import { useRef, useState } from "react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import { CaptureDialog } from "./CaptureDialog";
import { ChatFiles } from "./ChatFiles";
import { type CaptureRow, sendCapture, useAbilities, useCaptures } from "./captures";
import "./capture.css";

/** Papers of a record: drop one, see what was found in it, attach it (S0-27). */
export function CapturePanel({ object, id }: { object: ObjectDef; id: string }) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const [over, setOver] = useState(false);
  const abilities = useAbilities().data;
  const captures = useCaptures(id);
  const send = async (given: File | Promise<File> | undefined) => {
    if (given === undefined) return;
    setBusy(true);
    setFault("");
    try {
      setOpen(await sendCapture(await given, object.key, id));
      void captures.refetch();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="capture-panel">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut of the button */}
      <div
        className="capture-drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void send(event.dataTransfer.files[0]);
        }}
      >
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t("captureChoose")}
          accept=".pdf,.xlsx,.docx,.txt,image/*,audio/*,.amr,.m4a,.aac,.3gp"
          onChange={(event) => {
            void send(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
        <Button icon={<ScanText size={15} aria-hidden />} loading={busy} onClick={() => input.current?.click()}>
          {t("captureChoose")}
        </Button>
        <p className="lead">{t("captureLead")}</p>
        {abilities && (
          <p className="lead">
            {abilities.ocr ? t("captureOcrHere") : t("captureOcrNone")} {t(`captureSpeech_${abilities.speech}`)}
          </p>
        )}
      </div>
      {fault && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
      <ChatFiles object={object.key} id={id} busy={busy} onRead={(file) => void send(file)} />
      <ul className="capture-list">
        {(captures.data ?? []).map((each) => (
          <CaptureLine key={each.id} row={each} onOpen={() => setOpen(each.id)} />
        ))}
      </ul>
      {open !== undefined && (
        <CaptureDialog key={open} id={open} object={object} record={id} onClose={() => setOpen(undefined)} />
      )}
    </div>
  );
}

const LEVELS = { reading: "info", found: "yellow", attached: "green", refused: "red", dismissed: "info" } as const;

function CaptureLine({ row, onOpen }: { row: CaptureRow; onOpen: () => void }) {
  const { t } = useWords();
  return (
    <li>
      <button type="button" className="capture-line" onClick={onOpen}>
        <span className="capture-title">{row.title}</span>
        <span className="blank">{t(`captureKind_${row.kind}`)}</span>
        <Level level={LEVELS[row.state]}>{t(`captureState_${row.state}`)}</Level>
      </button>
    </li>
  );
}
