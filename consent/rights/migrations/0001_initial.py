

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('applications', '0003_openid_clients'),
        ('arrangements', '0005_version_names_its_notice'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('access', 'A copy of your data'), ('portability', 'Your data for another service'), ('rectification', 'A correction'), ('restriction', 'A pause'), ('objection', 'An objection'), ('review', 'A second look by a person'), ('complaint', 'A complaint'), ('erasure', 'Closing your account')], max_length=24)),
                ('status', models.CharField(choices=[('received', 'Received'), ('in_progress', 'In Progress'), ('completed', 'Completed'), ('refused', 'Refused'), ('cancelled', 'Cancelled')], default='received', max_length=24)),
                ('cluster_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('about', models.CharField(blank=True, default='', max_length=24)),
                ('sealed_words', models.TextField(blank=True, default='')),
                ('sealed_answer', models.TextField(blank=True, default='')),
                ('received_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('extended_at', models.DateTimeField(blank=True, null=True)),
                ('extension_reason', models.CharField(blank=True, default='', max_length=24)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_requests', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Copy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('building', 'Building'), ('ready', 'Ready'), ('fetched', 'Fetched'), ('removed', 'Removed')], default='building', max_length=24)),
                ('token_digest', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('sealed_token', models.TextField(blank=True, default='')),
                ('sealed_file', models.TextField(blank=True, default='')),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='copy', to='rights.datarequest')),
            ],
            options={
                'verbose_name_plural': 'copies',
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_code', models.CharField(max_length=80)),
                ('month', models.DateField()),
                ('read_count', models.PositiveIntegerField()),
                ('arrangement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='arrangements.arrangement')),
            ],
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('claim', 'A legal claim is open'), ('order', 'A court or authority ordered it'), ('fraud', 'A fraud is being looked into')], max_length=24)),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to=settings.AUTH_USER_MODEL)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('set_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('lifts_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='restrictions', to='arrangements.customer')),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='restriction', to='rights.datarequest')),
            ],
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('action', models.CharField(choices=[('delete', 'Delete'), ('restrict', 'Do not use'), ('rectify', 'Fetch again, it was corrected')], max_length=24)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('overdue', 'Overdue'), ('done', 'Done'), ('exempt', 'Exempt')], default='pending', max_length=24)),
                ('subject', models.UUIDField()),
                ('cluster_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('attempt_count', models.PositiveSmallIntegerField(default=1)),
                ('escalated_at', models.DateTimeField(blank=True, null=True)),
                ('overdue_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('exemption', models.CharField(blank=True, choices=[('law', 'A law makes us keep it'), ('claim', 'We need it for a legal claim'), ('nothing', 'We hold nothing about this customer'), ('health', 'Public health needs it'), ('research', 'It is in research or statistics that could not go on')], default='', max_length=24)),
                ('evidence', models.CharField(blank=True, default='', max_length=300)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.application')),
                ('attested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='rights.datarequest')),
            ],
        ),
        migrations.CreateModel(
            name='CopyPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('section', models.CharField(max_length=24)),
                ('position', models.PositiveIntegerField(blank=True, null=True)),
                ('sealed', models.TextField()),
                ('copy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='rights.copy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('copy', 'number'), name='copy_part_once')],
            },
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(condition=models.Q(('status__in', ['received', 'in_progress'])), fields=['due_at'], name='data_request_by_due'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(fields=['person', '-received_at'], name='data_request_by_person'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('received_at'))), name='data_request_due_after_receipt'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('status__in', ['received', 'in_progress'])), models.Q(models.Q(('status__in', ['received', 'in_progress']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='data_request_ended_iff_dated'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('extended_at__isnull', True), ('extension_reason', '')), models.Q(('extended_at__isnull', False), models.Q(('extension_reason', ''), _negated=True)), _connector='OR'), name='data_request_extended_iff_reasoned'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'in_progress'), _negated=True), ('started_at__isnull', False), _connector='OR'), name='data_request_begun_is_dated'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['access', 'portability', 'erasure']), ('status__in', ['received', 'in_progress'])), fields=('person', 'kind'), name='data_request_one_open'),
        ),
        migrations.AddConstraint(
            model_name='copy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expires_at__isnull', False), ('status', 'ready'), models.Q(('sealed_file', ''), _negated=True), models.Q(('sealed_token', ''), _negated=True)), models.Q(models.Q(('status', 'ready'), _negated=True), ('sealed_file', ''), ('sealed_token', '')), _connector='OR'), name='copy_has_a_file_iff_ready'),
        ),
        migrations.AddConstraint(
            model_name='copy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status__in', ['building', 'ready'])), models.Q(('closed_at__isnull', False), ('status__in', ['fetched', 'removed'])), _connector='OR'), name='copy_closed_iff_dated'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.UniqueConstraint(fields=('arrangement', 'cluster_code', 'month'), name='disclosure_once_per_month'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('person', 'reason'), name='hold_once_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='restriction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lifts_at__isnull', True), ('told_at__isnull', True)), ('lifts_at__gt', models.F('told_at')), _connector='OR'), name='restriction_told_before_lifting'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('status__in', ['pending', 'overdue'])), fields=['due_at'], name='task_by_due'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('request', 'application', 'action'), name='task_once_per_recipient'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status__in', ['pending', 'overdue'])), models.Q(('acknowledged_at__isnull', False), ('attested_by__isnull', False), ('closed_at__isnull', False), ('status__in', ['done', 'exempt'])), _connector='OR'), name='task_closed_iff_attested'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'exempt'), models.Q(('exemption', ''), _negated=True)), models.Q(models.Q(('status', 'exempt'), _negated=True), ('exemption', '')), _connector='OR'), name='task_exempt_iff_reasoned'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'overdue'), _negated=True), ('overdue_at__isnull', False), _connector='OR'), name='task_overdue_is_dated'),
        ),
    ]
