"""A server of files on this machine, with the faults that servers have."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUT_AT = 1 << 18
COMMIT = "0" * 40


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[ThreadingHTTPServer]:
    """Serve each name under several paths.

    /NAME is well; /short/NAME cuts off unless resumed, /always-short/NAME every time, /plain/NAME ignores ranges and
    /page/NAME answers with a web page. Any other path that ends in NAME is well, as on the Hub. The server has
    `address`, and `requests`: the Range header of each request.
    """
    requests: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET(send=False)

        def do_GET(self, send=True):
            asked = self.headers.get("Range")
            requests.append(asked)
            *fault, name = self.path.partition("?")[0].strip("/").rsplit("/", 1)
            if name not in files:
                self.send_response(404, "Not Found")
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("Content-Length", "0")
                return self.end_headers()
            payload = files[name]
            start = int(re.match(r"bytes=(\d+)-", asked)[1]) if asked and fault != ["plain"] else 0
            if start >= len(payload):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(payload)}")
                return self.end_headers()
            body = payload[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", "text/html" if fault == ["page"] else "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            # What huggingface_hub wants to know of a file.
            self.send_header("ETag", f'"{hashlib.sha256(payload).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            cut = fault == ["always-short"] or (fault == ["short"] and not start)
            if not send:
                return None
            with suppress(ConnectionError):  # the client may have seen enough in the headers
                self.wfile.write(body[:CUT_AT] if cut else body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.requests = requests
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
