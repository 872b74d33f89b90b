import { Link } from "@tanstack/react-router";
import { Button, Modal, Progress } from "antd";
import { useState } from "react";
import type { CaptureShown } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { CaptureForm } from "./CaptureForm";
import { useCapture, useMoves, useReading } from "./captures";
import { PageView } from "./PageView";

/** A capture looked through: the page with the places on one side, the values to be confirmed on the other. */
export function CaptureDialog(props: { id: string; object: ObjectDef; record: string; onClose: () => void }) {
  const { id, object, record, onClose } = props;
  const { t } = useWords();
  const capture = useCapture(id);
  const [active, setActive] = useState<number>();
  const found = capture.data;
  return (
    <Modal
      open
      width={1080}
      title={found?.title ?? t("captures")}
      footer={null}
      onCancel={onClose}
      destroyOnHidden
      className="capture-dialog"
    >
      {capture.isError && <p className="fault">{capture.error.message}</p>}
      {found?.state === "reading" && <Reading capture={found} />}
      {found?.state === "refused" && <Refused capture={found} onClose={onClose} />}
      {found && found.state !== "reading" && found.state !== "refused" && (
        <div className="capture-both">
          <PageView capture={found} active={active} onActive={setActive} />
          <div>
            <Remarks capture={found} />
            {found.state === "found" ? (
              <CaptureForm
                key={found.kind}
                capture={found}
                object={object}
                record={record}
                active={active}
                onActive={setActive}
                onClose={onClose}
              />
            ) : (
              <Ended capture={found} />
            )}
          </div>
        </div>
      )}
    </Modal>
  );
}

/** What became of it, with the way to the record it was attached to. */
function Ended({ capture }: { capture: CaptureShown }) {
  const { t } = useWords();
  const { target } = capture;
  return (
    <p className="capture-ended">
      {t(`captureState_${capture.state}`)}
      {target && (
        <Link to="/records/$object/$id" params={{ object: target.object, id: target.id }}>
          {target.title ?? t("openPage")}
        </Link>
      )}
    </p>
  );
}

function Reading({ capture }: { capture: CaptureShown }) {
  const { t } = useWords();
  const job = useReading(capture.job).data;
  if (job?.state === "failed")
    return (
      <p role="alert" className="fault">
        {job.error?.message}
      </p>
    );
  return (
    <div className="capture-reading" role="status">
      <Progress percent={Math.round((job?.progress ?? 0) * 100)} status="active" />
      <p className="lead">{t("captureReading")}</p>
    </div>
  );
}

function Refused({ capture, onClose }: { capture: CaptureShown; onClose: () => void }) {
  const { t } = useWords();
  const { dismiss } = useMoves(capture.id);
  return (
    <>
      <p role="alert" className="fault">
        {capture.reason}
      </p>
      <Button onClick={() => dismiss.mutate(undefined, { onSuccess: onClose })}>{t("captureDismiss")}</Button>
    </>
  );
}

/** How it was read, and what was left out. */
function Remarks({ capture }: { capture: CaptureShown }) {
  const { t } = useWords();
  const ways = [...new Set(capture.pages.map((page) => page.by))];
  return (
    <div className="lead">
      <p>
        {t(`captureKind_${capture.kind}`)} · {ways.map((each) => t(`captureBy_${each}`)).join("，")}
      </p>
      {capture.reason && <p>{capture.reason}</p>}
      {capture.notes.map((each) => (
        <p key={each}>{each}</p>
      ))}
    </div>
  );
}
