"""What capturing packets needs of a machine, by scapy: tests to copy into a project."""

import socket

import pytest
from scapy.arch.common import compile_filter
from scapy.data import DLT_EN10MB
from scapy.layers.inet import UDP
from scapy.sendrecv import sniff

PORT = 40404


@pytest.mark.requires("libpcap")
def test_a_capture_filter_is_compiled() -> None:
    assert compile_filter(f"udp port {PORT}", linktype=DLT_EN10MB).bf_len > 0


@pytest.mark.requires("libpcap", "net_raw")
def test_only_what_passes_the_filter_is_captured() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

        def send() -> None:
            sender.sendto(b"other", ("127.0.0.1", PORT + 1))
            sender.sendto(b"wanted", ("127.0.0.1", PORT))

        found = sniff(
            iface="lo", filter=f"udp port {PORT}", count=1, timeout=10, started_callback=send
        )
    assert bytes(found[0][UDP].payload) == b"wanted"


def test_what_needs_nothing_runs_everywhere() -> None:
    assert UDP(dport=PORT).dport == PORT
