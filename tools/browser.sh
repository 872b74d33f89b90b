#!/usr/bin/env bash
# Chromium and a Chinese font for the browser tests, from Debian's packages.
set -euo pipefail
have_font() { fc-list :lang=zh 2>/dev/null | grep -q .; }
if command -v chromium >/dev/null && have_font; then exit 0; fi
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "Please install: chromium fonts-noto-cjk" >&2; exit 1; }
  as_root="sudo"
fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
  chromium fontconfig fonts-noto-cjk >/dev/null
