"""What identity is told beside the common settings."""

from shared.settings import Settings


class IdentitySettings(Settings):
    """`keys_again_seconds`: publish the keys again every so often, for services added later that
    did not hear them; 0 = only when they change, which is enough where queues are declared first.
    `erase_after_years`: personal data of an account revoked for so long is erased (R10).
    `idle_days`: an account that is not used for so long is listed as idle (R3).
    `setup_codes_shown`: whoever issues an account is shown a setup code to hand over on paper. Off:
    nobody but the person ever holds what sets the password (domain/claims.py).
    """

    keys_again_seconds: int = 0
    idle_days: int = 90
    setup_codes_shown: bool = False
    erase_after_years: int = 5
    hash_threads: int = 1
    hash_waiting: int = 64
