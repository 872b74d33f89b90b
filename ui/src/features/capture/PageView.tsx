import { Segmented } from "antd";
import { useEffect, useState } from "react";
import type { CaptureShown, CaptureValue } from "../../api/schema";
import { useWords } from "../../app/language";

interface PageViewProps {
  capture: CaptureShown;
  active: number | undefined;
  onActive: (index: number | undefined) => void;
}

/** A page's picture with the places of what was found; for a sheet or a recording, its text. */
export function PageView({ capture, active, onActive }: PageViewProps) {
  const { t } = useWords();
  const [shown, setShown] = useState(capture.pages[0]?.number ?? 1);
  const at = active === undefined ? undefined : capture.values[active]?.page;
  useEffect(() => {
    if (at !== undefined) setShown(at);
  }, [at]);
  const page = capture.pages.find((each) => each.number === shown);
  const places = capture.values.map((value, index) => ({ value, index })).filter(({ value }) => value.page === shown);
  return (
    <div className="capture-page">
      {capture.pages.length > 1 && (
        <Segmented
          size="small"
          aria-label={t("capturePage")}
          value={shown}
          options={capture.pages.map((each) => ({ value: each.number, label: each.name ?? each.number }))}
          onChange={(value) => setShown(Number(value))}
        />
      )}
      {page?.picture ? (
        <div className="capture-picture">
          <img src={`/api/files/${page.picture}`} alt={t("capturePictureOf", { page: page.number })} />
          {places.map(({ value, index }) => (
            <Place key={index} value={value} isActive={index === active} onActive={() => onActive(index)} />
          ))}
        </div>
      ) : (
        <pre className="capture-text">{capture.text}</pre>
      )}
    </div>
  );
}

const share = (part: number) => `${(100 * part).toFixed(2)}%`;

function Place(props: { value: CaptureValue; isActive: boolean; onActive: () => void }) {
  const { value, isActive, onActive } = props;
  const { t } = useWords();
  const { box } = value;
  return (
    <button
      type="button"
      className="capture-place"
      data-active={isActive}
      data-sure={value.is_sure}
      aria-label={`${t(`captureField_${value.field}`)} ${value.text}`}
      title={`${t(`captureField_${value.field}`)}：${value.text}`}
      onMouseEnter={onActive}
      onFocus={onActive}
      onClick={onActive}
      style={{
        left: share(box.left),
        top: share(box.top),
        width: share(box.right - box.left),
        height: share(box.bottom - box.top),
      }}
    />
  );
}
