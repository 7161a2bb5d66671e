#!/usr/bin/env python3
"""How the web app behaves under load: a large file goes up while readers read; then searches in its log room.

    benches/serve.py BIN LOG [--readers 50] [--pause 0.5]

BIN is a release build, LOG a log of about a gigabyte (`cargo run --release -p corpus` makes one). Prints the memory of the server, how long
reads took while the file went up and while it was read, and how long the first page of each search took. Talks to loopback only.
"""

import argparse
import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import urllib.parse

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent / "examples" / "checkout"
SEARCHES = {
    "a common word": "request",
    "a rare word": "pool exhausted",
    "an absent word": "zzyzxqq",
    "an expression without literals": "/[0-9]{9}[a-z]{9}[0-9]/",
    "level and word": "level:error timeout",
    "a pattern": "pattern:p1",
    "a rare pattern": "pattern:p40",
    "a service that is not there": "service:nowhere",
}


class Server:
    def __init__(self, binary, data):
        self.process = subprocess.Popen(
            [binary, "serve", "--addr", "127.0.0.1:0", "--data", data], stderr=subprocess.PIPE, text=True
        )
        line = self.process.stderr.readline()
        self.address = line.split("http://")[1].split("/")[0]
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.peak = 0
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        while True:
            try:
                lines = status.read_text().splitlines()
            except OSError:
                return
            whole = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
            self.peak = max(self.peak, whole)
            time.sleep(0.02)

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=600)
        begun = time.perf_counter()
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, content, time.perf_counter() - begun

    def wait(self, case):
        while True:
            told = json.loads(self.ask("GET", f"/api/v1/cases/{case}/analysis")[1])
            if told["phase"] in ("done", "failed", "cancelled", "empty"):
                return told["phase"]
            time.sleep(0.2)


def quantile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


def told(name, times, failed):
    print(
        f"{name:34} {len(times):6} reads  p50 {quantile(times, 0.5):6.1f} ms  p99 {quantile(times, 0.99):6.1f} ms  "
        f"longest {max(times, default=0) * 1000:7.1f} ms  failed {failed}"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("log")
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        server = Server(options.binary, data)
        try:
            measure(server, options)
        finally:
            server.process.terminate()
            server.process.wait()


def measure(server, options):
    case = json.loads(server.ask("POST", "/api/v1/cases", json.dumps({"title": "Read"}), {"content-type": "application/json"})[1])["id"]
    for path in sorted(EXAMPLE.rglob("*")):
        if path.is_file():
            name = urllib.parse.quote(str(path.relative_to(EXAMPLE)))
            server.ask("PUT", f"/api/v1/cases/{case}/uploads?name={name}", path.read_bytes())
    server.wait(case)
    pages = ["/", f"/cases/{case}", f"/cases/{case}/evidence", f"/cases/{case}/history", f"/cases/{case}/logs?q=level%3Aerror", f"/api/v1/cases/{case}/report"]
    for page in pages:
        server.ask("GET", page)
    time.sleep(2)
    print(f"{'at rest':34} memory {server.peak / 1024:.0f} MiB")
    large = json.loads(server.ask("POST", "/api/v1/cases", json.dumps({"title": "Large"}), {"content-type": "application/json"})[1])["id"]
    phase, times, failed, over = ["upload"], {}, {}, threading.Event()

    def read(number):
        time.sleep(options.pause * number / options.readers)
        turn = number
        while not over.is_set():
            now = phase[0]
            try:
                status, _, took = server.ask("GET", pages[turn % len(pages)])
                bad = status != 200
            except OSError:
                bad, took = True, 0.0
            times.setdefault(now, []).append(took)
            failed[now] = failed.get(now, 0) + bad
            turn += 1
            time.sleep(options.pause)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(options.readers)]
    for reader in readers:
        reader.start()
    begun = time.perf_counter()
    with open(options.log, "rb") as log:
        size = os.fstat(log.fileno()).st_size
        status, _, took = server.ask("PUT", f"/api/v1/cases/{large}/uploads?name=large.log", log, {"content-length": str(size)})
    print(f"{'upload of ' + str(size >> 20) + ' MiB':34} {took:.1f} s, status {status}")
    phase[0] = "analysis"
    ended = server.wait(large)
    print(f"{'report':34} {ended} {time.perf_counter() - begun:.1f} s after the upload began")
    phase[0] = "log room"
    while server.ask("GET", f"/api/v1/cases/{large}/logs?q=x")[0] == 503:
        time.sleep(0.5)
    print(f"{'log room':34} there {time.perf_counter() - begun:.1f} s after the upload began")
    over.set()
    for reader in readers:
        reader.join()
    for name in ("upload", "analysis", "log room"):
        told(f"{options.readers} readers during {name}", times.get(name, []), failed.get(name, 0))
    print(f"{'memory':34} peak {server.peak / 1024:.0f} MiB")
    for name, query in SEARCHES.items():
        asked = urllib.parse.quote(query)
        status, content, took = server.ask("GET", f"/api/v1/cases/{large}/logs?q={asked}")
        page = json.loads(content)
        state = "" if page.get("is_complete", True) else ", goes on"
        _, counted, whole = server.ask("GET", f"/api/v1/cases/{large}/logs/counts?q={asked}")
        last = json.loads(counted.decode().strip().splitlines()[-1].removeprefix("data:"))
        print(f"first page: {name:31} {took * 1000:6.0f} ms  {len(page.get('hits', []))} hits{state}; all {last['total']} counted after {whole * 1000:.0f} ms")
    print(f"{'memory':34} peak {server.peak / 1024:.0f} MiB")


main()
