"""Signing in through the firm's identity provider (OpenID Connect); off as long as OIDC_ISSUER is empty."""

from advosync_project import kinds
from advosync_project.declarations.rows import Section, Setting

SIGN_IN = Section(
    "Sign-in through the firm",
    "Anmeldung über die Kanzlei",
    (
        Setting(
            "OIDC_ISSUER",
            kinds.HTTP_URL,
            "",
            "Address by which the identity provider names itself (the `issuer` of its "
            "/.well-known/openid-configuration); empty: people log in with a password only.",
            "Adresse, mit der sich der Identitätsanbieter selbst nennt (der `issuer` in seiner "
            "/.well-known/openid-configuration); leer: nur Anmeldung mit Passwort.",
            example="https://login.kanzlei.example/realms/kanzlei",
        ),
        Setting(
            "OIDC_AUTHORIZATION_URL",
            kinds.HTTP_URL,
            "",
            "Its `authorization_endpoint`, to which browsers are sent.",
            "Sein `authorization_endpoint`, zu dem Browser geschickt werden.",
            example="https://login.kanzlei.example/realms/kanzlei/protocol/openid-connect/auth",
        ),
        Setting(
            "OIDC_TOKEN_URL",
            kinds.HTTP_URL,
            "",
            "Its `token_endpoint`, which this machine has to reach.",
            "Sein `token_endpoint`, den dieser Rechner erreichen muss.",
            example="https://login.kanzlei.example/realms/kanzlei/protocol/openid-connect/token",
        ),
        Setting(
            "OIDC_KEYS_URL",
            kinds.HTTP_URL,
            "",
            "Its `jwks_uri`: the keys by which its tokens are checked (RS256).",
            "Seine `jwks_uri`: die Schlüssel, mit denen seine Token geprüft werden (RS256).",
            example="https://login.kanzlei.example/realms/kanzlei/protocol/openid-connect/certs",
        ),
        Setting(
            "OIDC_CLIENT_ID",
            kinds.TEXT,
            "",
            "The name under which this installation is registered there.",
            "Der Name, unter dem diese Installation dort eingetragen ist.",
            example="advosync",
        ),
        Setting(
            "OIDC_CLIENT_SECRET",
            kinds.TEXT,
            "",
            "The secret that belongs to it.",
            "Das zugehörige Geheimnis.",
            secret=True,
            example="a-long-random-text",
        ),
        Setting(
            "OIDC_GROUPS_CLAIM",
            kinds.TEXT,
            "groups",
            "The claim that lists somebody's groups; a dot leads inside, as in realm_access.roles.",
            "Der Claim, der die Gruppen einer Person aufzählt; ein Punkt führt hinein, wie in realm_access.roles.",
        ),
        Setting(
            "OIDC_ROLES",
            kinds.MAPPING,
            "",
            "Which group gives which role, the first that fits counts; Administrator manages people. Set, it makes "
            "accounts at the first sign-in and sets the role at each; empty, only people with an account get in, and "
            "roles are given by hand.",
            "Welche Gruppe welche Rolle gibt, die erste passende zählt; „Verwaltung“ verwaltet Benutzer. Gesetzt, "
            "entstehen Konten bei der ersten Anmeldung, und die Rolle wird bei jeder gesetzt; leer, kommt nur herein, "
            "wer ein Konto hat, und Rollen werden von Hand vergeben.",
            example="advosync-admins=Administrator,advosync-betrieb=Operator,kanzlei=Clerk",
        ),
        Setting(
            "OIDC_LABEL",
            kinds.TEXT,
            "",
            "What the button on the login page calls the provider.",
            "Wie der Knopf auf der Anmeldeseite den Anbieter nennt.",
            example="Microsoft",
        ),
    ),
)
