"""Who may open the library: whoever has the token or the password, and not by trying."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.errors import SignInError
from assistant.messages import LIBRARY

MOST_ATTEMPTS = 5
SECONDS_OF_ATTEMPTS = 60.0
IDLE_SECONDS = 8 * 3600.0
MOST_SESSIONS = 20

Clock = Callable[[], float]


@dataclass(slots=True)
class Session:
    """A person who has signed in; `notes` are shown on their next page, once."""

    name: str
    csrf: str
    used: float
    notes: list[str] = field(default_factory=list)

    def take_notes(self) -> list[str]:
        """The notes, which are then gone."""
        notes, self.notes = self.notes, []
        return notes


class Access:
    """Signs people in. Wrong tries are counted for all together, so that many addresses help nobody."""

    def __init__(self, password: str | None = None, clock: Clock = time.monotonic) -> None:
        """Without a password there is a random token, another one at each start."""
        self.token = "" if password else secrets.token_urlsafe(24)
        self._secret = _digest(password or self.token)
        self._clock = clock
        self._wrong: deque[float] = deque(maxlen=MOST_ATTEMPTS)
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def sign_in(self, given: str) -> Session:
        """A session for whoever gives the secret. Raises `SignInError`."""
        with self._lock:
            now = self._clock()
            if len(self._wrong) == MOST_ATTEMPTS and now - self._wrong[0] < SECONDS_OF_ATTEMPTS:
                raise SignInError(LIBRARY["too_many"], int(SECONDS_OF_ATTEMPTS))
            # Digests have one length, so that the comparison takes the same time whatever was given.
            if not hmac.compare_digest(_digest(given), self._secret):
                self._wrong.append(now)
                raise SignInError(LIBRARY["wrong_token"] if self.token else LIBRARY["wrong_password"])
            session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now)
            self._sessions[_key(session.name)] = session
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
            return session

    def session(self, name: str) -> Session | None:
        """The session of that name, if it was used not long ago."""
        with self._lock:
            session = self._sessions.get(_key(name))
            now = self._clock()
            if session is None or now - session.used > IDLE_SECONDS:
                self._sessions.pop(_key(name), None)
                return None
            session.used = now
            return session

    def sign_out(self, session: Session) -> None:
        """Ends a session."""
        with self._lock:
            self._sessions.pop(_key(session.name), None)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _key(name: str) -> str:
    # Looked up by hash: how long a look-up takes then says nothing about the names there are.
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
