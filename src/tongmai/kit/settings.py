"""Settings from the environment (``TONGMAI_…``). Passed to whoever needs them; never read as a global."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All that can be set from outside, each with its meaning. ``docs/settings.md`` is generated from here."""

    model_config = SettingsConfigDict(env_prefix="TONGMAI_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("var"), description="Where the embedded database, files and exports live.")
    database_url: SecretStr | None = Field(
        None, description="A PostgreSQL server, version 18 or later; without it the embedded one is used."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8420, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str | None = Field(None, description="The address people use, for links, cookies and OIDC.")
    pool_size: int = Field(8, ge=2, le=200, description="Database connections of one process.")
    statement_timeout_s: float = Field(30.0, gt=0, description="Longest time one read may take, in seconds.")
    lock_timeout_ms: int = Field(500, ge=10, description="How long a schema change waits for a lock before it retries.")
    seal_interval_ms: int = Field(200, ge=20, description="How often the history is sealed and events go out.")
    max_body_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="Largest request body but for uploads.")
    max_upload_bytes: int = Field(512 * 1024 * 1024, ge=1024, description="Largest uploaded file.")
    max_expanded_bytes: int = Field(
        2 * 1024 * 1024 * 1024,
        ge=1024,
        description="Largest size an uploaded archive (XLSX, Parquet) may unpack to.",
    )
    files_url: str | None = Field(None, description="Where files are kept: a folder (default) or s3://bucket/prefix.")
    replica_fewest_rows: int = Field(
        20_000, ge=0, description="From how many rows on a query is put to the columnar replica."
    )
    replica_fewest_metric_rows: int = Field(
        100_000, ge=0, description="From how many rows on all metrics of an object are computed over the replica."
    )
    replica_memory: str = Field(
        "1GB", pattern=r"^[1-9][0-9]{0,4}(MB|GB)$", description="Memory that the replica's engine may take."
    )
    replica_threads: int = Field(2, ge=1, le=64, description="Threads of the replica's engine.")
    replica_queries: int = Field(2, ge=1, le=64, description="Queries that the replica answers at a time.")
    keep_rule_log_days: int = Field(
        400, ge=1, description="How many days the log of what rules did is kept; back-tests replay it no longer."
    )
    keep_done_actions_days: int = Field(
        30, ge=1, description="How many days actions of rules that were done are listed with the log."
    )
    session_hours: float = Field(12.0, gt=0, description="A session ends after so many hours without use.")
    secret_key: SecretStr | None = Field(
        None,
        description="Key that seals the credentials of sources (32 bytes in base64; several, the present one first, "
        "separated by commas); without it a key file in the data folder.",
    )
    source_folders: tuple[Path, ...] = Field(
        (), description="Folders whose files a source may read, as a JSON list; `inbox` in the data folder always."
    )
    oidc_issuer: str | None = Field(None, description="OIDC issuer for sign-in; its discovery document is read.")
    oidc_client_id: str | None = Field(None, description="OIDC client id.")
    oidc_client_secret: SecretStr | None = Field(None, description="OIDC client secret.")
    oidc_link_by_email: bool = Field(
        False, description="Whether an OIDC sign-in joins the account of its verified e-mail."
    )
    sign_in_sources: str = Field(
        "",
        description="Sources (workspace/source, separated by commas) whose members may sign in: WeCom, DingTalk.",
    )
    log_format: Literal["json", "text"] = Field("json", description="How the log is written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    metrics_from: tuple[IPvAnyNetwork, ...] = Field(
        ("127.0.0.0/8", "::1/128"),
        validate_default=True,
        description="Networks that read `/metrics` without a token, as a JSON list; what a proxy forwards never does.",
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=20, description="Token that a scraper may show for `/metrics`, from wherever it asks."
    )
    anchor_file: Path | None = Field(
        None, description="A file outside that the head of each history block is added to."
    )
    smtp_host: str | None = Field(None, description="Mail server for notifications; without it no e-mail is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the way there is secured.")
    smtp_login: str | None = Field(None, description="Name to sign in at the mail server with.")
    smtp_password: SecretStr | None = Field(None, description="Password for it.")
    smtp_from: str | None = Field(None, description="The address that notifications come from.")
    hook_private: bool = Field(
        False, description="Whether web hooks may call plain http and addresses of private networks and this machine."
    )
    capture_sure: float = Field(
        0.85, gt=0, le=1, description="From which certainty on a captured value needs no confirmation by a person."
    )
    capture_max_bytes: int = Field(50 * 1024 * 1024, ge=1024, description="Largest file that is captured.")
    capture_max_pages: int = Field(50, ge=1, le=100, description="Pages of a file that are read.")
    capture_seconds: float = Field(180.0, gt=0, le=3600, description="Longest time the reading of one file may take.")
    capture_memory_mb: int = Field(4096, ge=512, description="Memory that the reading of one file may take.")
    speech_model: Path | None = Field(
        None, description="Folder of a speech model (CTranslate2 Whisper); without it the one of the speech extra."
    )
    speech_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Speech service with OpenAI's interface (…/v1/audio/transcriptions), asked where no model is here.",
    )
    speech_token: SecretStr | None = Field(None, description="Token for the speech service.")
    speech_service_model: str = Field("whisper-1", description="Name of the model that the speech service is to use.")
    hook_secret: SecretStr | None = Field(None, description="Secret that signs the bodies of web hooks (HMAC-SHA256).")
