import { useQuery } from "@tanstack/react-query";

/** What is known of a file without its content. */
export interface FileNote {
  name: string;
  mediaType: string;
  size: number | null;
}

export const useFileNote = (file: string) =>
  useQuery({
    queryKey: ["file", file],
    queryFn: async (): Promise<FileNote> => {
      const answer = await fetch(`/api/files/${file}`, { method: "HEAD", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const length = answer.headers.get("content-length");
      return {
        name: nameIn(answer.headers.get("content-disposition") ?? "") ?? file,
        mediaType: (answer.headers.get("content-type") ?? "").split(";")[0] ?? "",
        size: length === null ? null : Number(length),
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** The file name of a Content-Disposition header (RFC 6266): the extended form wins. */
export function nameIn(disposition: string): string | null {
  const extended = /filename\*=(?:utf-8|UTF-8)''([^;]+)/.exec(disposition)?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended);
    } catch {
      return extended;
    }
  }
  return /filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]?.replace(/\\(.)/g, "$1") ?? null;
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let size = bytes;
  let unit = -1;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
