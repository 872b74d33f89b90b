import { Input } from "antd";
import { type ReactNode, useState } from "react";

/** An input that acts on Enter or when it is left; what was typed stays while the API refuses it. */
export function Typed(props: {
  icon: ReactNode;
  label: string;
  placeholder: string;
  value: string;
  width: number | string;
  onDone: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(props.value);
  const done = () => {
    if (text.trim() !== props.value) props.onDone(text.trim() || undefined);
  };
  return (
    <Input
      prefix={props.icon}
      aria-label={props.label}
      placeholder={props.placeholder}
      style={{ width: props.width }}
      value={text}
      allowClear
      onChange={(event) => {
        setText(event.target.value);
        if (event.target.value === "" && props.value !== "") props.onDone(undefined);
      }}
      onPressEnter={done}
      onBlur={done}
    />
  );
}
