from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0018_answer_detection')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AnnouncementRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('name', fields.CharField(unique=True, max_length=120)),
            ],
            options={'table': 'announcement', 'app': 'omni', 'pk_attr': 'id', 'table_description': 'Something that somebody recorded for callers.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AnnouncementSoundRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('announcement_id', fields.CharField(db_index=True, max_length=26)),
                ('language', fields.CharField(max_length=8)),
                ('wav', fields.BinaryField()),
                ('length_s', fields.FloatField()),
            ],
            options={'table': 'announcement_sound', 'app': 'omni', 'pk_attr': 'id', 'table_description': 'What is heard in one language: a WAV file as the switch plays it.'},
            bases=['Model'],
        ),
    ]
