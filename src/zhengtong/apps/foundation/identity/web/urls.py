"""Addresses of sign-in, of one's own account, of calling systems, and of the administration of accounts."""

from django.urls import path

from zhengtong.apps.foundation.identity.web import account, accounts, passkeys, roles, second_factor, sign_in, systems

app_name = "identity"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/second-step/", sign_in.second_step, name="second-step"),
    path("sign-in/step-up/", sign_in.step_up, name="step-up"),
    path("sign-in/passkey/", passkeys.passkey, name="passkey"),
    path("sign-in/kept/", sign_in.kept, name="kept"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("account/", account.account, name="account"),
    path("account/history/", account.history, name="history"),
    path("account/password/", account.password, name="password"),
    path("account/second-factor/", second_factor.enrol, name="second-factor"),
    path("account/second-factor/remove/", second_factor.remove, name="second-factor-remove"),
    path("account/passkeys/", passkeys.passkeys, name="passkeys"),
    path("account/passkeys/<int:passkey_id>/remove/", passkeys.remove, name="passkey-remove"),
    path("account/delegations/add/", account.delegate, name="delegate"),
    path("account/delegations/<int:delegation_id>/end/", account.end_delegation, name="delegation-end"),
    path("account/sessions/end-others/", account.end_other_sessions, name="sessions-end-others"),
    path("account/sessions/<slug:handle>/end/", account.end_session, name="own-session-end"),
    path("manage/accounts/", accounts.accounts, name="accounts"),
    path("manage/accounts/add/", accounts.add, name="account-add"),
    path("manage/accounts/<int:account_id>/", accounts.detail, name="account-detail"),
    path("manage/accounts/<int:account_id>/active/", accounts.set_active, name="account-active"),
    path("manage/accounts/<int:account_id>/password/", accounts.reset_password, name="account-password"),
    path("manage/roles/", roles.roles, name="roles"),
    path("manage/roles/<int:account_id>/", roles.detail, name="role-detail"),
    path("manage/roles/<int:account_id>/assign/", roles.assign, name="role-assign"),
    path("manage/roles/<int:account_id>/withdraw/", roles.withdraw, name="role-withdraw"),
    path("manage/roles/<int:account_id>/duty/", roles.set_duty, name="duty"),
    path("manage/roles/<int:account_id>/second-factor/", roles.reset_second_factor, name="second-factor-reset"),
    path("manage/sessions/", roles.sessions, name="sessions"),
    path("manage/sessions/<slug:handle>/end/", roles.end_session, name="session-end"),
    path("manage/lockouts/", roles.lockouts, name="lockouts"),
    path("manage/lockouts/unlock/", roles.unlock, name="unlock"),
    path("work/systems/", systems.systems, name="systems"),
    path("work/systems/add/", systems.add, name="system-add"),
    path("work/systems/<slug:system_id>/", systems.detail, name="system"),
    path("work/systems/<slug:system_id>/keys/add/", systems.add_key, name="key-add"),
    path("work/systems/<slug:system_id>/keys/<slug:key_id>/revoke/", systems.revoke_key, name="key-revoke"),
    path("work/systems/<slug:system_id>/networks/", systems.networks, name="system-networks"),
    path("work/systems/<slug:system_id>/active/", systems.set_active, name="system-active"),
    path("work/systems/<slug:system_id>/notes/", systems.notes, name="system-notes"),
]
