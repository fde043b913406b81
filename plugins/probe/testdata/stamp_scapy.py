"""STAMP by scapy: a reflector that answers N packets, or a sender of N packets that says what came back."""
import socket
import sys
import time

from scapy.contrib.stamp import (ErrorEstimate, STAMPSessionReflectorTestUnauthenticated as Reply,
                                 STAMPSessionSenderTestUnauthenticated as Test)

NTP = 2208988800


def raw(seconds):
    return int(seconds) + NTP << 32 | int(seconds % 1 * 2**32)


def reflect(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1], flush=True)
    for _ in range(count):
        text, peer = s.recvfrom(2000)
        arrived = time.time()
        q = Test(text)
        r = Reply(seq=q.seq, ssid=q.ssid, seq_sender=q.seq, ttl_sender=64, err_estimate=ErrorEstimate(S=1, Z=0, scale=20, multiplier=4),
                  err_estimate_sender=q.err_estimate)
        r.fields["ts_sender"] = q.fields["ts"]
        r.fields["ts_rx"] = raw(arrived)
        time.sleep(0.02)
        r.fields["ts"] = raw(time.time())
        s.sendto(bytes(r), peer)


def send(port, count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(20)
    for seq in range(count):
        q = Test(seq=seq * 3, ssid=77, err_estimate=ErrorEstimate(S=1, Z=0, scale=20, multiplier=4))
        q.fields["ts"] = raw(time.time())
        s.sendto(bytes(q), ("127.0.0.1", port))
        r = Reply(s.recv(2000))
        echo = r.fields["ts_sender"] == q.fields["ts"]
        order = raw(time.time()) + 2**22 > r.fields["ts"] >= r.fields["ts_rx"] >= q.fields["ts"] - 2**22
        print(r.seq, r.seq_sender, r.ssid, r.ttl_sender, r.err_estimate.S, r.err_estimate.Z, r.err_estimate_sender.multiplier, echo, order, flush=True)


if sys.argv[1] == "reflect":
    reflect(int(sys.argv[2]))
else:
    send(int(sys.argv[2]), int(sys.argv[3]))
