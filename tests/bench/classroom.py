"""The chat of a classroom: a thread for each client, lines over TCP, and nothing is kept.

usage: classroom.py PORT
"""

import socket
import sys
import threading

clients = {}
lock = threading.Lock()


def broadcast(line: bytes) -> None:
    with lock:
        everybody = list(clients)
    for client in everybody:
        try:
            client.sendall(line)
        except OSError:
            leave(client)


def leave(client: socket.socket) -> None:
    with lock:
        clients.pop(client, None)


def serve(client: socket.socket) -> None:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lines = client.makefile("rb")
    name = lines.readline().strip()
    with lock:
        clients[client] = name
    for line in lines:
        broadcast(name + b": " + line)
    leave(client)


def main() -> None:
    threading.stack_size(256 * 1024)
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
    print("ready", flush=True)
    while True:
        client, _ = server.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
