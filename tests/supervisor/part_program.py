"""A small real program that stands where a part stands: serves 200 on /, and does as its arguments say.

part_program.py PORT [--after SECONDS] [--die-after SECONDS] [--exit CODE] [--deaf] [--child PIDFILE]
"""

import argparse
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/stuck":
            time.sleep(60)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--after", type=float, default=0.0)
parser.add_argument("--die-after", type=float)
parser.add_argument("--exit", type=int, default=3)
parser.add_argument("--deaf", action="store_true")
parser.add_argument("--child", type=Path)
arguments = parser.parse_args()

if arguments.deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if arguments.child:
    arguments.child.write_text(str(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid))
time.sleep(arguments.after)
print("started", flush=True)
if arguments.die_after is not None:

    def die() -> None:
        time.sleep(arguments.die_after)
        print("something broke", flush=True)
        os._exit(arguments.exit)

    threading.Thread(target=die, daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
server.daemon_threads = True
server.serve_forever()
