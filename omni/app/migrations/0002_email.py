from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('omni', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='MailContentRecord',
            fields=[
                ('sha256', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('size_bytes', fields.BigIntField()),
                ('body', fields.BinaryField()),
            ],
            options={'table': 'mail_content', 'app': 'omni', 'pk_attr': 'sha256', 'table_description': 'Bytes by their SHA-256.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailDraftRecord',
            fields=[
                ('interaction_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('agent_id', fields.CharField(max_length=26)),
                ('body', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_draft', 'app': 'omni', 'pk_attr': 'interaction_id', 'table_description': 'An answer that is being written.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailFileRecord',
            fields=[
                ('attachment_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('mail_id', fields.CharField(null=True, db_index=True, max_length=26)),
                ('position', fields.IntField(default=0)),
                ('file_name', fields.CharField(max_length=200)),
                ('media_type', fields.CharField(max_length=180)),
                ('size_bytes', fields.BigIntField()),
                ('content_id', fields.CharField(default='', max_length=500)),
                ('inline', fields.BooleanField(default=False)),
                ('sha256', fields.CharField(max_length=64)),
                ('owner_id', fields.CharField(null=True, max_length=26)),
                ('at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_file', 'app': 'omni', 'pk_attr': 'attachment_id', 'table_description': 'A file of a mail, or one uploaded for a reply that is not written yet.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailHandlingRecord',
            fields=[
                ('interaction_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('thread_id', fields.CharField(db_index=True, max_length=26)),
                ('mailbox_id', fields.CharField(max_length=26)),
                ('state', fields.CharField(max_length=10)),
                ('agent_id', fields.CharField(null=True, max_length=26)),
            ],
            options={'table': 'mail_handling', 'app': 'omni', 'pk_attr': 'interaction_id', 'table_description': 'An interaction of a thread.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailLedgerRecord',
            fields=[
                ('number', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('mailbox_id', fields.CharField(max_length=26)),
                ('uid_validity', fields.BigIntField()),
                ('uid', fields.BigIntField()),
                ('state', fields.CharField(max_length=12)),
                ('reason', fields.CharField(default='', max_length=40)),
                ('mail_id', fields.CharField(null=True, max_length=26)),
                ('raw_sha256', fields.CharField(default='', max_length=64)),
                ('subject', fields.TextField(default='', unique=False)),
                ('size_bytes', fields.BigIntField(default=0)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_ledger', 'app': 'omni', 'unique_together': (('mailbox_id', 'uid_validity', 'uid'),), 'indexes': [Index(fields=['mailbox_id', 'state', 'number'])], 'pk_attr': 'number', 'table_description': 'What became of one UID of a mailbox.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailOutboxRecord',
            fields=[
                ('mail_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('mailbox_id', fields.CharField(max_length=26)),
                ('sending', fields.BooleanField(default=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('first_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('attempts', fields.IntField(default=0)),
                ('sender', fields.CharField(max_length=320)),
                ('recipients', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('raw_sha256', fields.CharField(max_length=64)),
                ('reason', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'mail_outbox', 'app': 'omni', 'indexes': [Index(fields=['mailbox_id', 'due_at'])], 'pk_attr': 'mail_id', 'table_description': 'A mail of ours on its way. `sending`: the server is being given its body.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailRecord',
            fields=[
                ('mail_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('mailbox_id', fields.CharField(max_length=26)),
                ('thread_id', fields.CharField(db_index=True, max_length=26)),
                ('interaction_id', fields.CharField(db_index=True, max_length=26)),
                ('direction', fields.CharField(max_length=10)),
                ('state', fields.CharField(max_length=10)),
                ('kind', fields.CharField(max_length=12)),
                ('message_id', fields.CharField(db_index=True, max_length=512)),
                ('content_hash', fields.CharField(max_length=64)),
                ('from_address', fields.CharField(max_length=320)),
                ('from_name', fields.CharField(max_length=200)),
                ('recipients', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('subject', fields.TextField(unique=False)),
                ('text', fields.TextField(unique=False)),
                ('html', fields.TextField(unique=False)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('sent_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('references', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('raw_sha256', fields.CharField(max_length=64)),
                ('opens', fields.BooleanField(default=False)),
                ('routed_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('agent_id', fields.CharField(null=True, max_length=26)),
                ('reason', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'mail', 'app': 'omni', 'unique_together': (('mailbox_id', 'message_id', 'content_hash'),), 'indexes': [Index(fields=['from_address', 'kind', 'at'])], 'pk_attr': 'mail_id', 'table_description': 'One mail, from them or from us.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailThreadRecord',
            fields=[
                ('thread_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('token', fields.CharField(unique=True, max_length=12)),
                ('mailbox_id', fields.CharField(max_length=26)),
                ('interaction_id', fields.CharField(max_length=26)),
                ('open', fields.BooleanField()),
                ('touched_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_thread', 'app': 'omni', 'pk_attr': 'thread_id', 'table_description': 'A conversation by mail.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailboxRecord',
            fields=[
                ('mailbox_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('name', fields.CharField(max_length=200)),
                ('address', fields.CharField(unique=True, max_length=320)),
                ('entry_point_id', fields.CharField(null=True, max_length=26)),
                ('enabled', fields.BooleanField(default=True)),
                ('imap', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('smtp', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('options', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('state', fields.CharField(default='', max_length=10)),
                ('state_reason', fields.CharField(default='', max_length=200)),
                ('state_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mailbox', 'app': 'omni', 'pk_attr': 'mailbox_id', 'table_description': 'An account that is read and written.'},
            bases=['Model'],
        ),
    ]
