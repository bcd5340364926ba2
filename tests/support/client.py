"""A PostgreSQL client of a few lines, for what psql can't do in a test: a connection that stays open without a setting of its
own, and statements that are timed or left unanswered. Simple protocol, trust authentication."""
import socket
import struct


class ServerError(Exception):
    pass


class Client:
    def __init__(self, address, database, user="postgres", **startup):
        """`address`: the path of a Unix socket, or (host, port)."""
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.settimeout(120)
        self.socket.connect(address)
        self.buffer = b""
        text = b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in dict(startup, user=user, database=database).items()) + b"\0"
        self.socket.sendall(struct.pack("!ii", len(text) + 8, 196608) + text)
        self._until_ready()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, sql):
        text = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)

    def query(self, sql):
        """The rows as lists of texts; None for null."""
        self.send(sql)
        return self._until_ready()

    def _read(self, size):
        while len(self.buffer) < size:
            piece = self.socket.recv(65536)
            if not piece:
                raise ServerError("the server closed the connection")
            self.buffer += piece
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def _until_ready(self):
        rows, error = [], None
        while True:
            kind = self._read(1)
            body = self._read(struct.unpack("!i", self._read(4))[0] - 4)
            if kind == b"D":
                rows.append(self._row(body))
            elif kind == b"E":
                error = {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}
                if error["S"] in ("FATAL", "PANIC"):
                    raise ServerError(error["M"])
            elif kind == b"Z":
                if error:
                    raise ServerError(error["C"] + ": " + error["M"])
                return rows

    @staticmethod
    def _row(body):
        row, at = [], 2
        for _ in range(struct.unpack("!h", body[:2])[0]):
            size = struct.unpack("!i", body[at:at + 4])[0]
            at += 4
            row.append(None if size < 0 else body[at:at + size].decode())
            at += max(size, 0)
        return row
