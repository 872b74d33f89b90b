"""Serves the built screens: ``_ui`` beside this file, made by ``make ui``.

What has a hash in its name (``/assets``) never changes and is kept by browsers for ever; ``index.html`` is asked for
anew each time. Any other address of the screens answers with ``index.html`` (the UI routes by itself). Files are
listed once at start: a request can only name what is in that list, so no path leads outside.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# The vendor makes the name: none of its letters leads to another folder.
_PROOF = re.compile(r"/WW_verify_[A-Za-z0-9]{1,64}\.txt")
_LARGEST_PROOF = 4096
_FOR_EVER = "public, max-age=31536000, immutable"

_NOT_BUILT = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>通脉 Tongmai</title></head>
<body style="font-family: sans-serif; max-width: 40rem; margin: 4rem auto; line-height: 1.7">
<h1>通脉 Tongmai</h1>
<p>服务已启动，但界面尚未构建。请在项目目录运行 <code>make ui</code>，然后刷新本页。
接口说明见 <a href="/api/openapi.json">/api/openapi.json</a>。</p>
<p>The service runs, but the screens are not built yet. Run <code>make ui</code> in the project's folder and reload
this page. The API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class _Asset:
    path: Path
    media_type: str
    packed: tuple[tuple[str, Path], ...]


class Screens:
    """``folder`` is the built UI; without one a plain page says how to build it. ``proofs`` holds the files by which a
    vendor sees that the site is ours (WeCom's ``WW_verify_….txt``); what is put there is served without a new start."""

    def __init__(self, folder: Path, proofs: Path | None = None) -> None:
        self._assets = _listed(folder)
        self._proofs = proofs

    async def __call__(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith("/api/") or path == "/api":
            raise HTTPException(404)
        if self._proofs is not None and _PROOF.fullmatch(path):
            return await run_in_threadpool(_proof, self._proofs / path[1:])
        asset = self._assets.get(path)
        if asset is None:
            # A missing picture or script is missing; a missing page is one of the UI's own addresses.
            if path.startswith("/assets/") or "." in path.rpartition("/")[2]:
                raise HTTPException(404)
            asset = self._assets.get("/index.html")
            if asset is None:
                return HTMLResponse(_NOT_BUILT, headers={"cache-control": "no-cache"})
            path = "/index.html"
        return _answer(asset, request, _FOR_EVER if path.startswith("/assets/") else "no-cache")


def _proof(file: Path) -> Response:
    """No list of these: the name alone says that it is one. Raises ``HTTPException`` for one that is not there."""
    try:
        with file.open("rb") as opened:
            return Response(opened.read(_LARGEST_PROOF), media_type="text/plain")
    except OSError:
        raise HTTPException(404) from None


def _listed(folder: Path) -> dict[str, _Asset]:
    if not folder.is_dir():
        return {}
    found: dict[str, _Asset] = {}
    files = {path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
    for path in files:
        if path.suffix in (".br", ".gz") and path.with_suffix("") in files:
            continue
        packed = tuple(
            (encoding, twin) for encoding, ending in _ENCODINGS if (twin := path.with_name(path.name + ending)) in files
        )
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        found["/" + path.relative_to(folder).as_posix()] = _Asset(path, media_type, packed)
    return found


def _answer(asset: _Asset, request: Request, cache: str) -> Response:
    headers = {"cache-control": cache, "vary": "accept-encoding"}
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    path = asset.path
    for encoding, twin in asset.packed:
        if encoding in accepted:
            headers["content-encoding"] = encoding
            path = twin
            break
    return FileResponse(path, headers=headers, media_type=asset.media_type)
