"""Speaks Vietnamese text, as `python -m services.scan.speech.engine` (text in, WAV out).

eSpeak NG is under the GPL and in C, and strangers write what it says: it is loaded into this
process only, which has no network, little memory and no privileges by the time it reads the text.
"""

import ctypes
import io
import sys
import wave
from collections.abc import Callable
from typing import Final

from shared.pictures.confining import confine

# espeak-ng/speak_lib.h
_RETRIEVAL: Final = 1
_UTF_8: Final = 1
_RATE: Final = 1
_CHARACTERS: Final = 1
_BUFFER_MILLISECONDS: Final = 500
# Slower than usual: whoever listens may be old, in a market, or both.
WORDS_A_MINUTE: Final = 145
VOICE: Final = b"vi"


def spoken(read: Callable[[], bytes]) -> bytes:
    """One channel of 16 bits as a WAV file; raises RuntimeError where the engine refuses.

    The text, UTF-8, is read only when everything is loaded and the process is confined.
    """
    import espeakng_loader  # noqa: PLC0415 - belongs into this process only

    engine = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = str(espeakng_loader.get_data_path()).encode()
    rate = engine.espeak_Initialize(_RETRIEVAL, _BUFFER_MILLISECONDS, folder, 0)
    if rate <= 0 or engine.espeak_SetVoiceByName(VOICE) != 0:
        raise RuntimeError("the engine does not speak Vietnamese")
    confine()
    samples = bytearray()

    def take(heard: int | None, count: int, _events: int | None) -> int:
        if heard and count > 0:
            samples.extend(ctypes.string_at(heard, count * 2))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    called = kind(take)
    engine.espeak_SetSynthCallback(called)
    engine.espeak_SetParameter(_RATE, WORDS_A_MINUTE, 0)
    said = read()
    length = ctypes.c_size_t(len(said) + 1)
    if engine.espeak_Synth(said, length, 0, _CHARACTERS, 0, _UTF_8, None, None) != 0:
        raise RuntimeError("the engine did not take the text")
    engine.espeak_Synchronize()
    return _wav(bytes(samples), rate)


def _wav(samples: bytes, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return out.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(spoken(sys.stdin.buffer.read))
