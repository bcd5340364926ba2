"""A connection over libpq itself (ctypes, which lets other threads and signals in while it waits): prepared and unprepared statements with parameters, and
COPY. Values are texts, None is NULL."""
import ctypes
import ctypes.util

_EMPTY, _COMMAND, _TUPLES, _COPY_IN = 0, 1, 2, 4
_SQLSTATE, _PRIMARY = ord("C"), ord("M")


def _library():
    try:
        library = ctypes.CDLL("libpq.so.5")
    except OSError:
        library = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    texts = ctypes.POINTER(text)
    for name, result, arguments in (
            ("PQconnectdb", pointer, (text,)), ("PQstatus", number, (pointer,)), ("PQerrorMessage", text, (pointer,)), ("PQfinish", None, (pointer,)),
            ("PQexec", pointer, (pointer, text)), ("PQprepare", pointer, (pointer, text, text, number, pointer)),
            ("PQexecPrepared", pointer, (pointer, text, number, texts, pointer, pointer, number)),
            ("PQexecParams", pointer, (pointer, text, number, pointer, texts, pointer, pointer, number)),
            ("PQresultStatus", number, (pointer,)), ("PQresultErrorField", text, (pointer, number)), ("PQcmdTuples", text, (pointer,)),
            ("PQntuples", number, (pointer,)), ("PQnfields", number, (pointer,)), ("PQfname", text, (pointer, number)),
            ("PQgetvalue", text, (pointer, number, number)), ("PQgetisnull", number, (pointer, number, number)), ("PQclear", None, (pointer,)),
            ("PQputCopyData", number, (pointer, text, number)), ("PQputCopyEnd", number, (pointer, text)), ("PQgetResult", pointer, (pointer,)),
            ("PQsetNoticeProcessor", pointer, (pointer, pointer, pointer))):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


PQ = _library()
_quiet = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)(lambda *_: None)


class Failed(Exception):
    """A statement that the server refused, or a connection that is gone."""

    def __init__(self, state, message):
        super().__init__(f"{state}: {message}")
        self.state = state
        self.replan = state == "0A000" and "cached plan" in message


class Answer:
    def __init__(self, names, rows, count):
        self.names, self.rows, self.count = names, rows, count


def literal(value):
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


class Connection:
    def __init__(self, url, application):
        self.handle = PQ.PQconnectdb(f"{url} application_name={application}".encode())
        if PQ.PQstatus(self.handle):
            raise Failed("08000", PQ.PQerrorMessage(self.handle).decode())
        PQ.PQsetNoticeProcessor(self.handle, _quiet, None)
        self.prepared = {}

    def close(self):
        PQ.PQfinish(self.handle)

    def plain(self, text):
        return self._answer(PQ.PQexec(self.handle, text.encode()))

    def unprepared(self, text, values):
        return self._answer(PQ.PQexecParams(self.handle, text.encode(), len(values), None, self._values(values), None, None, 0))

    def by_name(self, text, values):
        """By a prepared statement, which is prepared at its first use."""
        name = self.prepared.get(text)
        if name is None:
            name = f"s{len(self.prepared)}".encode()
            self._answer(PQ.PQprepare(self.handle, name, text.encode(), 0, None))
            self.prepared[text] = name
        return self._answer(PQ.PQexecPrepared(self.handle, name, len(values), self._values(values), None, None, 0))

    def forget_plans(self):
        self.plain("DEALLOCATE ALL")
        self.prepared.clear()

    def copy(self, text, rows):
        result = PQ.PQexec(self.handle, text.encode())
        if PQ.PQresultStatus(result) != _COPY_IN:
            return self._answer(result)
        PQ.PQclear(result)
        lines = "".join("\t".join("\\N" if value is None else value for value in row) + "\n" for row in rows).encode()
        PQ.PQputCopyData(self.handle, lines, len(lines))
        PQ.PQputCopyEnd(self.handle, None)
        try:
            return self._answer(PQ.PQgetResult(self.handle))
        finally:
            while rest := PQ.PQgetResult(self.handle):
                PQ.PQclear(rest)

    @staticmethod
    def _values(values):
        return (ctypes.c_char_p * max(1, len(values)))(*[None if value is None else value.encode() for value in values])

    def _answer(self, result):
        try:
            if PQ.PQresultStatus(result) not in (_EMPTY, _COMMAND, _TUPLES):
                state = PQ.PQresultErrorField(result, _SQLSTATE) if result else None
                said = PQ.PQresultErrorField(result, _PRIMARY) if state else PQ.PQerrorMessage(self.handle)
                raise Failed((state or b"08006").decode(), (said or b"").decode().strip())
            width = PQ.PQnfields(result)
            rows = [[None if PQ.PQgetisnull(result, r, c) else PQ.PQgetvalue(result, r, c).decode() for c in range(width)] for r in range(PQ.PQntuples(result))]
            return Answer([PQ.PQfname(result, c).decode() for c in range(width)], rows, int(PQ.PQcmdTuples(result) or 0))
        finally:
            PQ.PQclear(result)
