"""Exit status 0 if the process in this container is ready: for the container's health check."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    port = os.environ.get("TXNG_PORT", "8000")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            sys.stdout.write(answer.read().decode(errors="replace"))
            return 0
    except urllib.error.HTTPError as refusal:
        sys.stdout.write(refusal.read().decode(errors="replace"))
    except OSError as failure:
        sys.stdout.write(str(failure))
    return 1


if __name__ == "__main__":
    sys.exit(main())
