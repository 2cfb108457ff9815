from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('omni', '0020_own_calls')]

    initial = False

    operations = [
        ops.CreateModel(
            name='MailAnswerRecord',
            fields=[
                ('answer_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('name', fields.CharField(unique=True, max_length=120)),
                ('texts', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'mail_answer', 'app': 'omni', 'pk_attr': 'answer_id', 'table_description': 'A template by which mails are answered; `texts` by language.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailAnsweredRecord',
            fields=[
                ('interaction_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('thread_id', fields.CharField(max_length=26)),
                ('address', fields.CharField(max_length=320)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_answered', 'app': 'omni', 'indexes': [Index(fields=['thread_id', 'at']), Index(fields=['address', 'at'])], 'pk_attr': 'interaction_id', 'table_description': 'An automatic answer: one for an interaction, and not too many for a thread or address.'},
            bases=['Model'],
        ),
    ]
