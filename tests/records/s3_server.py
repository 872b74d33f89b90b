"""A small object store that speaks S3 over HTTP and checks every signature (AWS Signature Version 4).

Source: Amazon S3's reference – PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects, ListObjectsV2, multipart
upload – and its “Authenticating Requests”. One bucket, kept in memory.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

REGION = "cn-north-1"
_METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"]


@dataclass
class S3Server:
    """``refusals`` are the codes it answered faults with; ``is_read_only`` refuses every write."""

    bucket: str
    access_key: str
    secret_key: str
    objects: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    is_read_only: bool = False
    _uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def app(self) -> Starlette:
        path = f"/{self.bucket}"
        return Starlette(
            routes=[
                Route(path, self._bucket, methods=_METHODS),
                Route(f"{path}/{{key:path}}", self._object, methods=_METHODS),
            ]
        )

    async def _bucket(self, request: Request) -> Response:
        body = await request.body()
        if (refused := self._check(request, body)) is not None:
            return refused
        if request.method == "POST" and "delete" in request.query_params:
            return self._delete_many(body)
        if request.method == "GET" and request.query_params.get("list-type") == "2":
            return self._list(request.query_params.get("prefix", ""))
        return self._refuse(501, "NotImplemented")

    async def _object(self, request: Request) -> Response:
        body, key = await request.body(), request.path_params["key"]
        if (refused := self._check(request, body)) is not None:
            return refused
        if request.method in ("PUT", "POST") and self.is_read_only:
            return self._refuse(403, "AccessDenied")
        if request.method == "POST" or "uploadId" in request.query_params:
            return self._multipart(request, key, body)
        if request.method == "PUT":
            self._keep(key, body)
            return Response(headers={"etag": _etag(body)})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Response(status_code=204)
        return self._content(request, key)

    def _content(self, request: Request, key: str) -> Response:
        content = self.objects.get(key)
        if content is None:
            return self._refuse(404, "NoSuchKey")
        written = self.written[key].strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers = {"etag": _etag(content), "last-modified": written, "content-length": str(len(content))}
        return Response(b"" if request.method == "HEAD" else content, headers=headers)

    def _multipart(self, request: Request, key: str, body: bytes) -> Response:
        query = request.query_params
        if "uploads" in query:
            upload = f"upload-{len(self._uploads)}"
            self._uploads[upload] = {}
            return _xml(f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>")
        parts = self._uploads.get(query["uploadId"])
        if parts is None:
            return self._refuse(404, "NoSuchUpload")
        if request.method == "PUT":
            parts[int(query["partNumber"])] = body
            return Response(headers={"etag": _etag(body)})
        del self._uploads[query["uploadId"]]
        if request.method == "DELETE":
            return Response(status_code=204)
        self._keep(key, b"".join(parts[number] for number in sorted(parts)))
        return _xml(
            f"<CompleteMultipartUploadResult><Key>{escape(key)}</Key><ETag>x</ETag></CompleteMultipartUploadResult>"
        )

    def _delete_many(self, body: bytes) -> Response:
        keys = [each.text or "" for each in ElementTree.fromstring(body).iter() if each.tag.endswith("Key")]
        for key in keys:
            self.objects.pop(key, None)
        gone = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        return _xml(f"<DeleteResult>{gone}</DeleteResult>")

    def _list(self, prefix: str) -> Response:
        lines = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{self.written[key]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>x</ETag><Size>{len(content)}</Size></Contents>"
            for key, content in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{lines}</ListBucketResult>")

    def _keep(self, key: str, content: bytes) -> None:
        self.objects[key] = content
        self.written[key] = datetime.now(UTC)

    def _check(self, request: Request, body: bytes) -> Response | None:
        """The refusal of a request that is not signed with our key, or whose body is not the one that was signed."""
        said = _authorization(request.headers.get("authorization", ""))
        scope = said.get("Credential", "").split("/")
        if len(scope) != 5 or scope[0] != self.access_key:
            return self._refuse(403, "InvalidAccessKeyId")
        digest = request.headers.get("x-amz-content-sha256", "")
        if digest != "UNSIGNED-PAYLOAD" and digest != hashlib.sha256(body).hexdigest():
            return self._refuse(400, "XAmzContentSHA256Mismatch")
        if not hmac.compare_digest(said.get("Signature", ""), self._signature(request, said, scope, digest)):
            return self._refuse(403, "SignatureDoesNotMatch")
        return None

    def _signature(self, request: Request, said: Mapping[str, str], scope: list[str], digest: str) -> str:
        names = said.get("SignedHeaders", "").split(";")
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in sorted(request.query_params.multi_items())
        )
        headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
        asked = "\n".join(
            (request.method, quote(request.url.path, safe="/-_.~"), query, headers, ";".join(names), digest)
        )
        day, region, service, end = scope[1:]
        signed = "\n".join(
            (
                "AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), "/".join(scope[1:]),
                hashlib.sha256(asked.encode()).hexdigest(),
            )
        )  # fmt: skip
        key = f"AWS4{self.secret_key}".encode()
        for part in (day, region, service, end):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, signed.encode(), "sha256").hex()

    def _refuse(self, status: int, code: str) -> Response:
        self.refusals.append(code)
        return _xml(f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", status)


def _authorization(header: str) -> dict[str, str]:
    """``AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`` by its names."""
    scheme, _, rest = header.partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        return {}
    return {name.strip(): value for name, _, value in (each.partition("=") for each in rest.split(","))}


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _xml(body: str, status: int = 200) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', status, media_type="application/xml")
